import * as fc from 'fast-check';

/** Texts of any UTF-16 units, halves of pairs too. Much quicker to make than fast-check's own Unicode strings. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }));
  return fc.array(unit, { minLength: 1, maxLength }).map((units) => String.fromCharCode(...units));
}
