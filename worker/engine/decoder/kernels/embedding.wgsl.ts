import { RESCALE_WGSL } from '../../kernels/rescale.wgsl';
import { STEP_WGSL, UNPACK_WGSL } from './common.wgsl';

/** Invocations of a workgroup of {@link EMBEDDING_WGSL}, along a row. */
export const EMBEDDING_WORKGROUP = 64;

/**
 * WGSL of `embedding` (docs/engine/decoder.md, section 2.1) on the rows of the table that the step's tokens have, padded to words, each
 * with its multiplier and shift. Dispatch: x over the words of a row, y over rows.
 */
export const EMBEDDING_WGSL = /* wgsl */ `
${STEP_WGSL}
@group(0) @binding(1) var<uniform> groups: u32;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read> scales: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> residuals: array<vec4i>;
${RESCALE_WGSL}
${UNPACK_WGSL}

@compute @workgroup_size(${EMBEDDING_WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= groups || id.y >= position.rows) { return; }
    let index = id.y * groups + id.x;
    let weights = unpackBytes(table[index]);
    let scale = scales[id.y];
    var results: vec4i;
    for (var c = 0u; c < 4u; c++) { results[c] = rescale(weights[c], scale.x, scale.y); }
    residuals[index] = results;
}
`;
