// One token's step of the WKV recurrence of RWKV-4, for one channel.

struct WkvSums {
  aa: f32,                       // numerator
  bb: f32,                       // denominator
  pp: f32,                       // exponent that both are scaled by
}

// wkv; the sums move on. u = time_first, w = -exp(time_decay).
fn wkv_step(sums: ptr<function, WkvSums>, k: f32, v: f32, u: f32, w: f32) -> f32 {
  let aa = (*sums).aa;
  let bb = (*sums).bb;
  let pp = (*sums).pp;

  // what this token sees: the past, and itself with the bonus u
  var q = max(pp, u + k);
  var e1 = exp(pp - q);
  var e2 = exp(u + k - q);
  let seen = (e1 * aa + e2 * v) / (e1 * bb + e2);

  // what it leaves behind: everything decays by w, then k, v join
  q = max(pp + w, k);
  e1 = exp(pp + w - q);
  e2 = exp(k - q);
  *sums = WkvSums(e1 * aa + e2 * v, e1 * bb + e2, q);
  return seen;
}
