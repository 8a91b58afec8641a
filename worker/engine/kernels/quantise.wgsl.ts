/** Invocations of a workgroup of {@link QUANTISE_WGSL}, along a row. */
export const QUANTISE_WORKGROUP = 64;

/**
 * WGSL of `quantise` (docs/engine.md, section 2.1) on words of four bytes. Dispatch: x over the words of a row, y over rows.
 *
 * Subtracting 128 from a byte flips its highest bit.
 */
export const QUANTISE_WGSL = /* wgsl */ `
@group(0) @binding(0) var<uniform> rows: u32;
@group(0) @binding(1) var<uniform> groups: u32;
@group(0) @binding(2) var<storage, read> images: array<u32>;
@group(0) @binding(3) var<storage, read_write> outputs: array<u32>;

@compute @workgroup_size(${QUANTISE_WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= groups || id.y >= rows) { return; }
    let index = id.y * groups + id.x;
    outputs[index] = images[index] ^ 0x80808080u;
}
`;
