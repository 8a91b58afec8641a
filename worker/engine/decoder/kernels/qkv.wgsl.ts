import { CHANNELS_WGSL, PACK_WGSL } from '../../kernels/linear.wgsl';
import { RESCALE_WGSL } from '../../kernels/rescale.wgsl';
import { SATURATE_WGSL, STEP_WGSL } from './common.wgsl';

/** Invocations of a workgroup of {@link QKV_WGSL}, along a row. */
export const QKV_WORKGROUP = 64;

/**
 * WGSL of what follows the fused query, key and value product: `rope` of queries and keys (docs/engine/decoder.md, section 2.3),
 * `requantise` of values. A head's channels begin at a word in the outputs, and are padded with zeros to one. Keys and values go into the
 * cache as well, whose rows are positions. Dispatch: x over the words of an output row, y over rows.
 */
export const QKV_WGSL = /* wgsl */ `
${STEP_WGSL}
struct Shape { heads: u32, keyValueHeads: u32, headWidth: u32, accumulatorStride: u32 }
${CHANNELS_WGSL}
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> accumulators: array<i32>;
@group(0) @binding(3) var<storage, read> channels: array<Channels>;
@group(0) @binding(4) var<storage, read> headScales: array<vec2u>;
@group(0) @binding(5) var<storage, read> angles: array<u32>;
@group(0) @binding(6) var<storage, read_write> cache: array<u32>;
@group(0) @binding(7) var<storage, read_write> outputs: array<u32>;
${RESCALE_WGSL}
${SATURATE_WGSL}
${PACK_WGSL}

fn rescaled(row: u32, channel: u32) -> i32 {
    let scales = channels[channel / 4u];
    let accumulator = accumulators[row * shape.accumulatorStride + channel];
    return rescale(accumulator, scales.multiplier[channel % 4u], scales.shift[channel % 4u]);
}

// An int16 of the table's row: a head's width is even, so that rows begin at words.
fn angle(place: u32, index: u32) -> i32 {
    let word = bitcast<i32>(angles[place * (shape.headWidth / 2u) + index / 2u]);
    return (word << (16u * (1u - index % 2u))) >> 16u;
}

fn rotated(row: u32, head: u32, j: u32) -> i32 {
    let middle = shape.headWidth / 2u;
    let pair = j % middle;
    let place = position.first + row;
    let cosine = angle(place, pair);
    let sine = angle(place, middle + pair);
    let first = saturate16(rescaled(row, head * shape.headWidth + pair));
    let second = saturate16(rescaled(row, head * shape.headWidth + middle + pair));
    let sum = select(second * cosine + first * sine, first * cosine - second * sine, j < middle);
    return saturate8(rescale(sum, headScales[head].x, headScales[head].y));
}

@compute @workgroup_size(${QKV_WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let headWords = (shape.headWidth + 3u) / 4u;
    let words = (shape.heads + 2u * shape.keyValueHeads) * headWords;
    let row = id.y;
    if (id.x >= words || row >= position.rows) { return; }
    let head = id.x / headWords;
    let isValue = head >= shape.heads + shape.keyValueHeads;
    var results: vec4i;
    for (var c = 0u; c < 4u; c++) {
        let j = 4u * (id.x % headWords) + c;
        if (j >= shape.headWidth) { break; }
        if (isValue) { results[c] = saturate8(rescaled(row, head * shape.headWidth + j)); }
        else { results[c] = rotated(row, head, j); }
    }
    let word = packBytes(results);
    outputs[row * words + id.x] = word;
    let queryWords = shape.heads * headWords;
    if (id.x >= queryWords) { cache[(position.first + row) * (words - queryWords) + id.x - queryWords] = word; }
}
`;
