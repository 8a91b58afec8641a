/** Invocations of the workgroup that {@link ARGMAX_WGSL} gives each row. */
export const ARGMAX_WORKGROUP = 64;

/** WGSL of `argmax` (docs/engine.md, section 2.6) on rows of int32 padded to groups of four. Dispatch: x over rows. */
export const ARGMAX_WGSL = /* wgsl */ `
@group(0) @binding(0) var<uniform> rows: u32;
@group(0) @binding(1) var<uniform> columns: u32;
@group(0) @binding(2) var<storage, read> inputs: array<i32>;
@group(0) @binding(3) var<storage, read_write> winners: array<u32>;

const SIZE: u32 = ${ARGMAX_WORKGROUP};
var<workgroup> candidates: array<u32, SIZE>;

@compute @workgroup_size(SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = min(workgroup.x, rows - 1u);
    let start = row * ((columns + 3u) / 4u * 4u);
    // A lane that has no column of its own proposes the first one.
    var winner = select(0u, lane, lane < columns);
    for (var column = lane; column < columns; column += SIZE) {
        // Strictly greater, so that the lowest of equal indices stays.
        if (inputs[start + column] > inputs[start + winner]) { winner = column; }
    }
    candidates[lane] = winner;
    workgroupBarrier();
    if (lane > 0u) { return; }
    for (var i = 1u; i < SIZE; i++) {
        let other = candidates[i];
        let difference = inputs[start + other] > inputs[start + winner];
        if (difference || (inputs[start + other] == inputs[start + winner] && other < winner)) { winner = other; }
    }
    winners[row] = winner;
}
`;
