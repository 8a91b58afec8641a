import { dot4Wgsl, PACK_WGSL } from '../../kernels/linear.wgsl';
import { RESCALE_WGSL } from '../../kernels/rescale.wgsl';
import { lookupWgsl, SATURATE_WGSL, STEP_WGSL, UNPACK_WGSL } from './common.wgsl';

/** Invocations of a workgroup of {@link scoresShader}, along the positions. */
export const SCORES_WORKGROUP = 64;
/** Invocations of the workgroup that {@link SOFTMAX_WGSL} gives each head of a row. */
export const SOFTMAX_WORKGROUP = 64;
/** Invocations of a workgroup of {@link VALUES_WGSL}, along a row. */
export const VALUES_WORKGROUP = 64;

/** Heads, words of a head, and positions that a row of scores has room for. */
const SHAPE_WGSL = /* wgsl */ `
struct Shape { heads: u32, keyValueHeads: u32, headWidth: u32, capacity: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
`;

const HEAD_WORDS_WGSL = 'fn headWords() -> u32 { return (shape.headWidth + 3u) / 4u; }';

/**
 * WGSL of the scores `a(t)` of the attention (docs/engine/decoder.md, section 2.4). Queries are rows of the fused query, key and value
 * output, keys are in the cache. Scores are laid out `[row, head, position]`. Dispatch: x over positions, y over heads, z over rows.
 */
export function scoresShader(packedDotProduct: boolean): string {
    return /* wgsl */ `
${STEP_WGSL}
${SHAPE_WGSL}
@group(0) @binding(2) var<storage, read> queries: array<u32>;
@group(0) @binding(3) var<storage, read> cache: array<u32>;
@group(0) @binding(4) var<storage, read_write> scores: array<i32>;
${HEAD_WORDS_WGSL}
${dot4Wgsl(packedDotProduct)}

@compute @workgroup_size(${SCORES_WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let t = id.x;
    let head = id.y;
    let row = id.z;
    // The causal mask: no position after the row's own is looked at.
    if (t > position.first + row) { return; }
    let words = headWords();
    let query = (row * (shape.heads + 2u * shape.keyValueHeads) + head) * words;
    let key = (t * 2u * shape.keyValueHeads + head * shape.keyValueHeads / shape.heads) * words;
    var sum = 0;
    for (var i = 0u; i < words; i++) { sum += dot4(queries[query + i], cache[key + i]); }
    scores[(row * shape.heads + head) * shape.capacity + t] = sum;
}
`;
}

/** WGSL that turns scores into the probabilities `P(t)`, in place (docs/engine/decoder.md, section 2.4). Dispatch: x over heads, y over rows. */
export const SOFTMAX_WGSL = /* wgsl */ `
${STEP_WGSL}
${SHAPE_WGSL}
@group(0) @binding(2) var<storage, read> headScales: array<vec2u>;
@group(0) @binding(3) var<storage, read> exponentials: array<u32>;
@group(0) @binding(4) var<storage, read_write> scores: array<i32>;
${RESCALE_WGSL}
${lookupWgsl('exponentials')}

const SIZE: u32 = ${SOFTMAX_WORKGROUP};
var<workgroup> greatest: array<i32, SIZE>;
var<workgroup> sums: array<u32, SIZE>;

@compute @workgroup_size(SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
    let head = workgroup.x;
    let row = workgroup.y;
    let start = (row * shape.heads + head) * shape.capacity;
    let count = position.first + row + 1u;

    // Below every score: these are within 2^22.
    var most = -8388608;
    for (var t = lane; t < count; t += SIZE) { most = max(most, scores[start + t]); }
    greatest[lane] = most;
    workgroupBarrier();
    for (var i = 0u; i < SIZE; i++) { most = max(most, greatest[i]); }

    var sum = 0u;
    for (var t = lane; t < count; t += SIZE) {
        let index = rescale(most - scores[start + t], headScales[head].x, headScales[head].y);
        let weight = lookup(u32(min(4095, index)));
        scores[start + t] = i32(weight);
        sum += weight;
    }
    sums[lane] = sum;
    workgroupBarrier();
    sum = 0u;
    for (var i = 0u; i < SIZE; i++) { sum += sums[i]; }

    for (var t = lane; t < count; t += SIZE) {
        scores[start + t] = i32(((u32(scores[start + t]) << 16u) + sum / 2u) / sum);
    }
}
`;

/**
 * WGSL of the attention's outputs (docs/engine/decoder.md, section 2.4) from probabilities and the values in the cache. A head's
 * channels begin at a word. Dispatch: x over the words of all heads, y over rows.
 */
export const VALUES_WGSL = /* wgsl */ `
${STEP_WGSL}
${SHAPE_WGSL}
@group(0) @binding(2) var<storage, read> probabilities: array<i32>;
@group(0) @binding(3) var<storage, read> cache: array<u32>;
@group(0) @binding(4) var<storage, read> channels: array<vec2u>;
@group(0) @binding(5) var<storage, read_write> outputs: array<u32>;
${RESCALE_WGSL}
${SATURATE_WGSL}
${PACK_WGSL}
${UNPACK_WGSL}
${HEAD_WORDS_WGSL}

@compute @workgroup_size(${VALUES_WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let words = headWords();
    let row = id.y;
    if (id.x >= shape.heads * words || row >= position.rows) { return; }
    let head = id.x / words;
    let word = id.x % words;
    let valueHead = shape.keyValueHeads + head * shape.keyValueHeads / shape.heads;
    let start = (row * shape.heads + head) * shape.capacity;
    var sums = vec4i();
    for (var t = 0u; t <= position.first + row; t++) {
        sums += probabilities[start + t] * unpackBytes(cache[(t * 2u * shape.keyValueHeads + valueHead) * words + word]);
    }
    var results: vec4i;
    for (var c = 0u; c < 4u; c++) {
        let j = 4u * word + c;
        if (j >= shape.headWidth) { break; }
        let scale = channels[head * shape.headWidth + j];
        results[c] = saturate8(rescale(sums[c], scale.x, scale.y));
    }
    outputs[row * shape.heads * words + id.x] = packBytes(results);
}
`;
