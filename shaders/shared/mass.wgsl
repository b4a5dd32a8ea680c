// Probability as integers: a weight from 0 to 1 is a u32 in units of 2^-31, a sum of weights a pair of u32s, low word
// first. So a sum is the same whichever invocation adds, in whatever order, and what lies where on the way through it is certain.

const ONE = 2147483648.0;        // 2^31

fn add(a: vec2u, b: vec2u) -> vec2u {
  let low = a.x + b.x;
  return vec2u(low, a.y + b.y + select(0u, 1u, low < a.x));
}

// a - b, which is not below 0.
fn subtract(a: vec2u, b: vec2u) -> vec2u {
  return vec2u(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x));
}

fn is_less(a: vec2u, b: vec2u) -> bool {
  return a.y < b.y || (a.y == b.y && a.x < b.x);
}

fn multiply(a: u32, b: u32) -> vec2u {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu);
  let right = (a & 0xffffu) * (b >> 16u);
  let middle = (low >> 16u) + (left & 0xffffu) + (right & 0xffffu);
  let high = (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u) + (middle >> 16u);
  return vec2u((low & 0xffffu) | (middle << 16u), high);
}

// a · part / 2^32, rounded down.
fn part_of(a: vec2u, part: u32) -> vec2u {
  return add(multiply(a.y, part), vec2u(multiply(a.x, part).y, 0u));
}
