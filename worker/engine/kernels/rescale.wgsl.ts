/**
 * WGSL of `rescale` (docs/engine.md, section 2.3): `fn rescale(a: i32, multiplier: u32, shift: u32) -> i32`, and of the same with a
 * multiplier of either sign: `fn rescaleSigned(a: i32, multiplier: i32, shift: u32) -> i32`.
 *
 * WGSL has no 64-bit integers, so the product is a pair of words made from 16-bit halves.
 */
export const RESCALE_WGSL = /* wgsl */ `
const INT32_MAX: i32 = 2147483647;
const INT32_MIN: i32 = -2147483648;

// A 64-bit integer in two words; two's complement where it is signed.
struct Wide { high: u32, low: u32 }

fn multiplyWide(a: u32, b: u32) -> Wide {
    let aLow = a & 0xffffu;
    let aHigh = a >> 16u;
    let bLow = b & 0xffffu;
    let bHigh = b >> 16u;
    let lowLow = aLow * bLow;
    // Neither sum can wrap: (2^16 - 1)^2 + 2 * (2^16 - 1) < 2^32.
    let middle = aHigh * bLow + (lowLow >> 16u);
    let cross = aLow * bHigh + (middle & 0xffffu);
    return Wide(aHigh * bHigh + (middle >> 16u) + (cross >> 16u), (cross << 16u) | (lowLow & 0xffffu));
}

fn addWide(a: Wide, b: Wide) -> Wide {
    let low = a.low + b.low;
    return Wide(a.high + b.high + select(0u, 1u, low < a.low), low);
}

fn negateWide(a: Wide) -> Wide {
    return addWide(Wide(~a.high, ~a.low), Wide(0u, 1u));
}

// 2^(shift - 1), what rounding adds before the shift; 0 for no shift.
fn half(shift: u32) -> Wide {
    if (shift == 0u) { return Wide(0u, 0u); }
    if (shift <= 32u) { return Wide(0u, 1u << (shift - 1u)); }
    return Wide(1u << (shift - 33u), 0u);
}

// WGSL takes shift amounts modulo 32, so each distance has its own case.
fn shiftRightWide(a: Wide, shift: u32) -> Wide {
    let high = bitcast<i32>(a.high);
    if (shift == 0u) { return a; }
    if (shift < 32u) { return Wide(bitcast<u32>(high >> shift), (a.high << (32u - shift)) | (a.low >> shift)); }
    return Wide(bitcast<u32>(high >> 31u), bitcast<u32>(high >> (shift - 32u)));
}

fn saturateWide(a: Wide) -> i32 {
    let high = bitcast<i32>(a.high);
    let low = bitcast<i32>(a.low);
    return select(select(INT32_MAX, INT32_MIN, high < 0), low, high == (low >> 31u));
}

// Negating in u32 is exact for -2^31 too, where abs() of i32 is not.
fn magnitude(a: i32) -> u32 {
    let bits = bitcast<u32>(a);
    return select(bits, 0u - bits, a < 0);
}

fn rescaleMagnitudes(a: u32, multiplier: u32, negative: bool, shift: u32) -> i32 {
    var product = multiplyWide(a, multiplier);
    if (negative) { product = negateWide(product); }
    return saturateWide(shiftRightWide(addWide(product, half(shift)), shift));
}

fn rescale(a: i32, multiplier: u32, shift: u32) -> i32 {
    return rescaleMagnitudes(magnitude(a), multiplier, a < 0, shift);
}

fn rescaleSigned(a: i32, multiplier: i32, shift: u32) -> i32 {
    return rescaleMagnitudes(magnitude(a), magnitude(multiplier), (a < 0) != (multiplier < 0), shift);
}
`;
