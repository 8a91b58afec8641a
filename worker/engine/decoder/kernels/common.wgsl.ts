/** WGSL of what a step computes: `rows` rows, for the positions from `first` on. Bound first by every kernel of a decoder. */
export const STEP_WGSL = /* wgsl */ `
struct Step { rows: u32, first: u32 }
@group(0) @binding(0) var<uniform> position: Step;
`;

/** WGSL of `saturate8` and `saturate16` (docs/engine/decoder.md, section 1). */
export const SATURATE_WGSL = /* wgsl */ `
fn saturate8(value: i32) -> i32 { return clamp(value, -128, 127); }
fn saturate16(value: i32) -> i32 { return clamp(value, -32768, 32767); }
`;

/** WGSL of a table of u16, two in a word: `fn lookup(index: u32) -> u32` of the storage buffer with the given name. */
export function lookupWgsl(name: string): string {
    return /* wgsl */ `
fn lookup(index: u32) -> u32 { return (${name}[index / 2u] >> (16u * (index % 2u))) & 0xffffu; }
`;
}

/** WGSL of the int8 in a word, in the order of memory: `fn unpackBytes(word: u32) -> vec4i`. */
export const UNPACK_WGSL = /* wgsl */ `
fn unpackBytes(word: u32) -> vec4i {
    return (vec4i(bitcast<i32>(word)) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);
}
`;
