/** Invocations of a workgroup of {@link ARGMAX_WGSL}, each with its own row. */
export const ARGMAX_WORKGROUP = 64;

/** WGSL of `argmax` (docs/engine.md, section 2.6) on rows of int32 padded to groups of four. Dispatch: x over rows. */
export const ARGMAX_WGSL = /* wgsl */ `
@group(0) @binding(0) var<uniform> rows: u32;
@group(0) @binding(1) var<uniform> columns: u32;
@group(0) @binding(2) var<storage, read> inputs: array<i32>;
@group(0) @binding(3) var<storage, read_write> winners: array<u32>;

@compute @workgroup_size(${ARGMAX_WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= rows) { return; }
    let start = id.x * ((columns + 3u) / 4u * 4u);
    var winner = 0u;
    for (var column = 1u; column < columns; column++) {
        // Strictly greater, so that the lowest of equal indices stays.
        if (inputs[start + column] > inputs[start + winner]) { winner = column; }
    }
    winners[id.x] = winner;
}
`;
