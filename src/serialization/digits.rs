//! Decimal digits of whole numbers, eight at a time and without a branch for each.

/// Longest decimal text of a 64-bit integer: 19 digits and a sign, or 20 digits.
pub(super) const INTEGER_LEN: usize = 20;

/// Eight digits of a number below 10^8, first digit in the lowest byte, as numbers from 0 to 9.
///
/// Halves, then quarters, then digits: each step divides all parts at once by a multiplication. 10486 / 2^20 is 1 / 100 for every
/// part below 10 000, and 103 / 2^10 is 1 / 10 for every part below 100.
#[inline(always)]
pub(super) const fn eight_digits(n: u32) -> u64 {
    let halves = (n / 10_000) as u64 | ((n % 10_000) as u64) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let quarters = hundreds | (halves - hundreds * 100) << 16;
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (quarters - tens * 10) << 8
}

/// The bit that makes each digit of eight its ASCII character.
pub(super) const ASCII: u64 = u64::from_le_bytes(*b"00000000");

/// The digits of `n` in words of eight bytes, first digit in the lowest byte of the first, and how many there are. What lies
/// above the last digit is undefined.
#[inline(always)]
pub(super) const fn decimal(n: u64) -> ([u64; 3], usize) {
    if n < EIGHT {
        let (digits, len) = leading(n as u32);
        return ([digits, 0, 0], len);
    }
    let low = (eight_digits((n % EIGHT) as u32) | ASCII) as u128;
    let above = n / EIGHT;
    if above < EIGHT {
        let (digits, len) = leading(above as u32);
        let text = digits as u128 | low << (8 * len);
        return ([text as u64, (text >> 64) as u64, 0], len + 8);
    }
    let (digits, len) = leading((above / EIGHT) as u32);
    let middle = (eight_digits((above % EIGHT) as u32) | ASCII) as u128;
    // Four digits at most are left for the first word.
    let first = digits as u128 | middle << (8 * len);
    let rest = first >> 64 | low << (8 * len);
    ([first as u64, rest as u64, (rest >> 64) as u64], len + 16)
}

/// 10 to the power of eight.
const EIGHT: u64 = 100_000_000;

/// The digits of a number below 10^8 without leading zeros, and how many there are; at least one.
#[inline(always)]
const fn leading(n: u32) -> (u64, usize) {
    let digits = eight_digits(n);
    // The last digit stays, whatever it is.
    let zeros = (digits | 1 << 56).trailing_zeros() / 8;
    ((digits | ASCII) >> (8 * zeros), 8 - zeros as usize)
}

#[cfg(test)]
mod tests {
    use super::{decimal, eight_digits};
    use proptest::prelude::{ProptestConfig, any, proptest};

    #[track_caller]
    fn check(n: u64) {
        let (words, len) = decimal(n);
        let text: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
        assert_eq!(std::str::from_utf8(&text[..len]).unwrap(), n.to_string());
    }

    #[test]
    fn every_number_of_digits_is_exact_at_its_ends() {
        check(0);
        check(u64::MAX);
        check(i64::MIN.unsigned_abs());
        let mut power = 1_u64;
        for _ in 0..20 {
            check(power - 1);
            check(power);
            check(power + 1);
            power = power.wrapping_mul(10);
        }
    }

    #[test]
    fn all_parts_of_the_eight_are_exact() {
        for n in (0..10_000).flat_map(|part| [part, part * 10_000, part * 10_000 + 9_999]) {
            let digits: Vec<u8> = format!("{n:08}").bytes().map(|digit| digit - b'0').collect();
            assert_eq!(eight_digits(n).to_le_bytes(), *digits);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn any_number_is_exact(n in any::<u64>(), shift in 0..64) {
            check(n >> shift);
        }
    }
}
