import { CHANNELS_WGSL, PACK_WGSL } from '../../kernels/linear.wgsl';
import { RESCALE_WGSL } from '../../kernels/rescale.wgsl';
import { lookupWgsl, SATURATE_WGSL, STEP_WGSL } from './common.wgsl';

/** Invocations of a workgroup of {@link GATED_WGSL}, along a row. */
export const GATED_WORKGROUP = 64;

/** WGSL of `gated` (docs/engine/decoder.md, section 2.5) on the accumulators of gates and ups. Dispatch: x over the words of an output row, y over rows. */
export const GATED_WGSL = /* wgsl */ `
${STEP_WGSL}
struct Shape { channels: u32, accumulatorStride: u32, indexMultiplier: u32, indexShift: u32 }
${CHANNELS_WGSL}
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> accumulators: array<i32>;
@group(0) @binding(3) var<storage, read> channels: array<Channels>;
@group(0) @binding(4) var<storage, read> products: array<vec2u>;
@group(0) @binding(5) var<storage, read> sigmoids: array<u32>;
@group(0) @binding(6) var<storage, read_write> outputs: array<u32>;
${RESCALE_WGSL}
${SATURATE_WGSL}
${PACK_WGSL}
${lookupWgsl('sigmoids')}

fn requantised(row: u32, channel: u32) -> i32 {
    let scales = channels[channel / 4u];
    let accumulator = accumulators[row * shape.accumulatorStride + channel];
    return saturate16(rescale(accumulator, scales.multiplier[channel % 4u], scales.shift[channel % 4u]));
}

@compute @workgroup_size(${GATED_WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let words = (shape.channels + 3u) / 4u;
    if (id.x >= words || id.y >= position.rows) { return; }
    var results: vec4i;
    for (var c = 0u; c < 4u; c++) {
        let k = 4u * id.x + c;
        if (k >= shape.channels) { break; }
        let gate = requantised(id.y, k);
        let up = requantised(id.y, shape.channels + k);
        let index = clamp(rescale(gate, shape.indexMultiplier, shape.indexShift), -2048, 2047) + 2048;
        // rescale(…, 1, 15): the product and its half fit a word.
        let activated = (gate * i32(lookup(u32(index))) + 16384) >> 15u;
        results[c] = saturate8(rescale(activated * up, products[k].x, products[k].y));
    }
    outputs[id.y * words + id.x] = packBytes(results);
}
`;
