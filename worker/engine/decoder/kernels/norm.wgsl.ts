import { PACK_WGSL } from '../../kernels/linear.wgsl';
import { RESCALE_WGSL } from '../../kernels/rescale.wgsl';
import { SATURATE_WGSL, STEP_WGSL } from './common.wgsl';

/** Invocations of the workgroup that {@link NORM_WGSL} gives each row. */
export const NORM_WORKGROUP = 64;

/**
 * WGSL of `norm` (docs/engine/decoder.md, section 2.2) on rows of int32 padded with zeros to groups of four. It takes all rows of the
 * step, or with `lastOnly` its last row as row 0. Dispatch: x over rows.
 */
export const NORM_WGSL = /* wgsl */ `
${STEP_WGSL}
struct Shape { groups: u32, epsilon: u32, lastOnly: u32 }
struct Scales { multiplier: vec4i, shift: vec4u }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> residuals: array<vec4i>;
@group(0) @binding(3) var<storage, read> scales: array<Scales>;
@group(0) @binding(4) var<storage, read_write> outputs: array<u32>;
${RESCALE_WGSL}
${SATURATE_WGSL}
${PACK_WGSL}

const SIZE: u32 = ${NORM_WORKGROUP};
var<workgroup> greatest: array<u32, SIZE>;
// Sums of the low and of the high halves of the squares: neither reaches 2^32.
var<workgroup> sums: array<vec2u, SIZE>;

fn bits(value: u32) -> u32 { return 32u - countLeadingZeros(value); }

// rescale(x, 1, shift) for shift 0 … 31
fn roundedShift(x: vec4i, shift: u32) -> vec4i {
    if (shift == 0u) { return x; }
    return (x >> vec4u(shift)) + ((x >> vec4u(shift - 1u)) & vec4i(1));
}

fn root(value: u32) -> u32 {
    var result = 0u;
    for (var bit = 1u << 15u; bit > 0u; bit >>= 1u) {
        let candidate = result | bit;
        if (candidate * candidate <= value) { result = candidate; }
    }
    return result;
}

@compute @workgroup_size(SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
    let row = workgroup.x;
    let start = select(row, position.rows - 1u, shape.lastOnly == 1u) * shape.groups;

    var most = 0u;
    for (var i = lane; i < shape.groups; i += SIZE) {
        let x = residuals[start + i];
        most = max(most, max(max(magnitude(x.x), magnitude(x.y)), max(magnitude(x.z), magnitude(x.w))));
    }
    greatest[lane] = most;
    workgroupBarrier();
    for (var i = 0u; i < SIZE; i++) { most = max(most, greatest[i]); }
    let length = bits(most);
    let b = select(0u, length - 14u, length > 14u);

    var sum = vec2u();
    for (var i = lane; i < shape.groups; i += SIZE) {
        let x = roundedShift(residuals[start + i], b);
        let squares = bitcast<vec4u>(x * x);
        let low = squares & vec4u(0xffffu);
        let high = squares >> vec4u(16u);
        sum += vec2u(low.x + low.y + low.z + low.w, high.x + high.y + high.z + high.w);
    }
    sums[lane] = sum;
    workgroupBarrier();
    sum = vec2u();
    for (var i = 0u; i < SIZE; i++) { sum += sums[i]; }

    let epsilon = select(0u, shape.epsilon >> ((2u * b) % 32u), b < 16u);
    let total = addWide(addWide(Wide(sum.y >> 16u, sum.y << 16u), Wide(0u, sum.x)), Wide(0u, epsilon));
    let totalBits = select(bits(total.low), 32u + bits(total.high), total.high > 0u);
    let e = i32((totalBits - 1u) / 2u) - 15;
    var s = total.low;
    if (e < 0) { s = total.low << u32(-2 * e); }
    if (e > 0) { s = shiftRightWide(total, u32(2 * e)).low; }
    let inverse = bitcast<i32>((1u << 31u) / root(s));

    for (var i = lane; i < shape.groups; i += SIZE) {
        let product = roundedShift(residuals[start + i], b) * inverse;
        let scale = scales[i];
        var results: vec4i;
        for (var c = 0u; c < 4u; c++) {
            results[c] = saturate8(rescaleSigned(product[c], scale.multiplier[c], u32(i32(scale.shift[c]) + e)));
        }
        outputs[row * shape.groups + i] = packBytes(results);
    }
}
`;
