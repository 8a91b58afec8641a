import { DecoderEngine } from '../../../worker/engine/decoder/decoderEngine';
import { densified, recordLayout } from '../../../worker/engine/decoder/record';
import { parseRequest } from '../../../worker/engine/decoder/request';
import { EngineDevice } from '../../../worker/engine/device';
import { Case } from './cases';
import { Outcome } from './outcome';

/** What the engine makes of a case on a device. Runs in Node and in a browser. */
export async function engineOutcome(device: EngineDevice, run: Case): Promise<Outcome> {
    const on = { ...device, packedDotProduct: device.packedDotProduct && run.packed };
    const engine = await DecoderEngine.load(on, run.model, { maxRows: run.maxRows });
    try {
        const { shape } = engine.model;
        const layout = recordLayout(shape);
        const records: Uint8Array[][] = [];
        const { bytes, traceRoot } = await engine.generate(parseRequest(run.request, shape), {
            traceSalt: run.salt,
            onRecord: (_, record) => records.push(record.map((row, i) => densified(row, layout[i]!).slice())),
        }).result;
        return { records, result: bytes, modelRoot: engine.modelRoot(), traceRoot: traceRoot! };
    } finally {
        engine.destroy();
    }
}
