/* @jest-environment ./tests/helpers/webgpuEnvironment.ts */
import { createRefereeEngine, openWebgpuEngine } from '../../../worker/node/inference';
import { exampleDecoder } from '../../fixtures/decoderExample';
import { dumpAfter, hex } from './support';

it('serves a decoder as it serves a classifier: on WebGPU and by the referee, with the same bits', async () => {
    const webgpu = await openWebgpuEngine(exampleDecoder());
    for (const engine of [webgpu, createRefereeEngine(exampleDecoder())]) {
        expect(engine.modelRoot.toString(16)).toBe('b72535abf2c6f7ef942c1a944ee673096634899a17cfec43c9f545814f765cdd');
        const result = await engine.run(dumpAfter('## 3. A request'));
        expect(hex(result)).toBe(hex(dumpAfter('The text after five tokens')));
        engine.close();
    }
});
