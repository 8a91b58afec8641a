import * as p from '../../../protocol/pricing';

const rates = { prompt: 1_000n, cached: 100n, completion: 4_000n, reasoning: 3_000n };
const offer = { modelRoot: 7n, ...rates };

it('prices every kind of token at its rate', () => {
    const million = 1_000_000;
    expect(p.priceOf(rates, { prompt: million, completion: 0 })).toBe(1_000n);
    expect(p.priceOf(rates, { prompt: 0, cached: million, completion: 0 })).toBe(100n);
    expect(p.priceOf(rates, { prompt: 0, completion: million })).toBe(4_000n);
    expect(p.priceOf(rates, { prompt: 0, completion: 0, reasoning: million })).toBe(3_000n);
    expect(p.priceOf(rates, { prompt: million, cached: million, completion: million, reasoning: million })).toBe(
        8_100n,
    );
});

it('rounds a batch up once, not each request', () => {
    const small = { prompt: 1, completion: 0 };
    expect(p.priceOf(rates, small)).toBe(1n);
    expect(p.priceOf(rates, Array(1_000).fill(small))).toBe(1n);
    expect(p.priceOf(rates, Array(1_001).fill(small))).toBe(2n);
    expect(p.priceOf(rates, [])).toBe(0n);
});

it('refuses counts that are none', () => {
    expect(() => p.priceOf(rates, { prompt: -1, completion: 0 })).toThrow('prompt');
    expect(() => p.priceOf(rates, { prompt: 0, completion: 0.5 })).toThrow('completion');
    expect(() => p.priceOf(rates, { prompt: 0, completion: Number.NaN })).toThrow('completion');
});

it('finds the ceiling of a model, or says that it is not served', () => {
    expect(p.ceilingPrice([offer], 7n, { prompt: 1_000_000, completion: 0 })).toBe(1_000n);
    expect(() => p.offerFor([offer], 8n)).toThrow('offers no model 8');
});

it('holds live rates to the ceilings, each by itself', () => {
    expect(p.withinCeilings(rates, offer)).toBe(true);
    for (const kind of ['prompt', 'cached', 'completion', 'reasoning'] as const) {
        expect(p.withinCeilings({ ...rates, [kind]: rates[kind] + 1n }, offer)).toBe(false);
        expect(p.withinCeilings({ ...rates, [kind]: 0n }, offer)).toBe(true);
    }
});
