import { RESCALE_WGSL } from './rescale.wgsl';

/**
 * What {@link linearShader} makes of its accumulators: the output kinds of a layer, or the accumulators themselves
 * (docs/engine.md, sections 2.2 to 2.5), or their sum with a residual (docs/engine/decoder.md, section 2.6).
 */
export type Epilogue = 'accumulators' | 'int32' | 'int8' | 'int8-relu' | 'residual';

/** How the work of {@link linearShader} is divided. No choice changes a bit of the result. */
export interface LinearTile {
    /** Width of a workgroup, in groups of four output channels. */
    readonly workgroupGroups: number;
    /** Height of a workgroup, in invocations; the product with the width is at most 256. */
    readonly workgroupRows: number;
    /** Rows that one invocation computes with the same weights in its registers. */
    readonly rowsPerInvocation: number;
}

/** WGSL of `saturate32(a + b)`: `fn addSaturating(a: vec4i, b: vec4i) -> vec4i` (docs/engine/decoder.md, section 2.6). */
export const ADD_WGSL = /* wgsl */ `
fn addSaturating(a: vec4i, b: vec4i) -> vec4i {
    let sum = a + b;
    // Overflow: both have one sign and the wrapped sum the other; it goes to the end that the signs say.
    let overflowed = ((a ^ sum) & (b ^ sum)) < vec4i(0);
    return select(sum, (a >> vec4u(31u)) ^ vec4i(2147483647), overflowed);
}
`;

/** WGSL of a product of four int8 with four others, packed in words: `fn dot4(a: u32, b: u32) -> i32`. */
export function dot4Wgsl(packedDotProduct: boolean): string {
    return packedDotProduct ? PACKED_DOT : UNPACKED_DOT;
}

/** WGSL of four int32, already within int8, in a word: `fn packBytes(values: vec4i) -> u32`. */
export const PACK_WGSL = /* wgsl */ `
fn packBytes(values: vec4i) -> u32 {
    let bytes = bitcast<vec4u>(values) & vec4u(0xffu);
    return bytes.x | (bytes.y << 8u) | (bytes.z << 16u) | (bytes.w << 24u);
}
`;

/** WGSL of the scales of four channels, as packed beside the weights. */
export const CHANNELS_WGSL = 'struct Channels { bias: vec4i, multiplier: vec4u, shift: vec4u }';

/** Output channels are computed and stored in groups of four, so that a group of int8 is one word. */
export const GROUP = 4;

/** Number of groups that hold so many channels. */
export function groupsOf(channels: number): number {
    return Math.ceil(channels / GROUP);
}

/**
 * WGSL of the fused operators `linear`, `rescale`, `requantise` and `relu`.
 *
 * Inputs are int8 in words of four along a row, padded with anything: padded weights are zero. Weights are laid out as
 * `[input group, output group, channel of the group]` words, so that neighbouring invocations read neighbouring memory.
 * A kernel may compute a part of the output channels, whole groups of them. Dispatch: x over the part's groups, y over rows.
 */
export function linearShader(epilogue: Epilogue, rowsPerInvocation: number, packedDotProduct: boolean): string {
    // Written out for every row, since an array of sums would live in memory instead of registers.
    const forEachRow = (line: (r: number) => string): string =>
        Array.from({ length: rowsPerInvocation }, (_, r) => line(r)).join('\n');
    return /* wgsl */ `
override WORKGROUP_GROUPS: u32;
override WORKGROUP_ROWS: u32;
const ROWS: u32 = ${rowsPerInvocation};

// Groups of a row of inputs and of outputs, the first group of this part and how many it has.
struct Shape { inputGroups: u32, outputGroups: u32, firstGroup: u32, partGroups: u32 }
${CHANNELS_WGSL}

@group(0) @binding(0) var<uniform> rows: u32;
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<vec4u>;
@group(0) @binding(4) var<storage, read> channels: array<Channels>;
@group(0) @binding(5) var<storage, read_write> outputs: array<${OUTPUT_TYPES[epilogue]}>;
${epilogue === 'residual' ? '@group(0) @binding(6) var<storage, read> residuals: array<vec4i>;' : ''}
${RESCALE_WGSL}
${dot4Wgsl(packedDotProduct)}
${FINISH[epilogue]}

fn dotGroup(x: u32, w: vec4u) -> vec4i {
    return vec4i(dot4(x, w.x), dot4(x, w.y), dot4(x, w.z), dot4(x, w.w));
}

@compute @workgroup_size(WORKGROUP_GROUPS, WORKGROUP_ROWS)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let group = id.x;
    let channelGroup = shape.firstGroup + group;
    let firstRow = id.y * ROWS;
    if (group >= shape.partGroups || firstRow >= rows) { return; }

    // Rows past the end repeat the last one and are not stored.
    ${forEachRow((r) => `let start${r} = min(firstRow + ${r}, rows - 1) * shape.inputGroups;`)}
    ${forEachRow((r) => `var sums${r} = channels[channelGroup].bias;`)}
    for (var k = 0u; k < shape.inputGroups; k++) {
        let w = weights[k * shape.partGroups + group];
        ${forEachRow((r) => `sums${r} += dotGroup(inputs[start${r} + k], w);`)}
    }
    // A loop, although it needs an array: written out it would be most of the shader, and drivers inline every call.
    let sums = array<vec4i, ROWS>(${Array.from({ length: rowsPerInvocation }, (_, r) => `sums${r}`).join(', ')});
    for (var r = 0u; r < min(ROWS, rows - firstRow); r++) {
        let place = (firstRow + r) * shape.outputGroups + channelGroup;
        outputs[place] = finish(sums[r], channelGroup, place);
    }
}
`;
}

const OUTPUT_TYPES: Record<Epilogue, string> = {
    accumulators: 'vec4i',
    int32: 'vec4i',
    int8: 'u32',
    'int8-relu': 'u32',
    residual: 'vec4i',
};

const PACKED_DOT = /* wgsl */ `
fn dot4(a: u32, b: u32) -> i32 { return dot4I8Packed(a, b); }
`;

const UNPACKED_DOT = /* wgsl */ `
fn unpack(word: u32) -> vec4i {
    return (vec4i(bitcast<i32>(word)) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);
}
fn dot4(a: u32, b: u32) -> i32 { return dot(unpack(a), unpack(b)); }
`;

const RESCALE_GROUP = /* wgsl */ `
fn rescaleGroup(sums: vec4i, group: u32) -> vec4i {
    var results: vec4i;
    for (var c = 0u; c < 4u; c++) {
        results[c] = rescale(sums[c], channels[group].multiplier[c], channels[group].shift[c]);
    }
    return results;
}
`;

const FINISH: Record<Epilogue, string> = {
    accumulators: 'fn finish(sums: vec4i, group: u32, place: u32) -> vec4i { return sums; }',
    int32: `${RESCALE_GROUP}
fn finish(sums: vec4i, group: u32, place: u32) -> vec4i { return rescaleGroup(sums, group); }`,
    int8: saturatingFinish(-128),
    // relu after saturation to int8 is saturation to 0 … 127.
    'int8-relu': saturatingFinish(0),
    residual: `${RESCALE_GROUP}
${ADD_WGSL}
fn finish(sums: vec4i, group: u32, place: u32) -> vec4i {
    return addSaturating(residuals[place], rescaleGroup(sums, group));
}`,
};

function saturatingFinish(least: number): string {
    return /* wgsl */ `${RESCALE_GROUP}
${PACK_WGSL}
fn finish(sums: vec4i, group: u32, place: u32) -> u32 {
    return packBytes(clamp(rescaleGroup(sums, group), vec4i(${least}), vec4i(127)));
}`;
}
