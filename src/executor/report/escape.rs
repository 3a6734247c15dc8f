//! The escapes of HTML text and of URLs in attributes, found sixteen bytes at a time.
//!
//! `&`, `<`, `>`, `"` and `'` become references, so that the text is inert between tags and in quoted attributes alike (HTML,
//! section "Escaping a string"). The numeric references of the two quotes are those of Go's `html.EscapeString`: shorter than
//! `&quot;`, and known to every parser, which `&apos;` is not.

/// Bytes that are looked at together: the width of the smallest vector registers.
const BLOCK: usize = 16;

/// What stands for a byte; empty for a byte that stays as it is.
const fn reference(byte: u8) -> &'static [u8] {
    match byte {
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b'"' => b"&#34;",
        b'\'' => b"&#39;",
        _ => b"",
    }
}

/// Hands `text` over in pieces: runs that stay as they are, and references.
///
/// # Errors
/// With the first error of `put`.
#[inline]
pub(super) fn each_piece<E>(text: &str, put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let text = text.as_bytes();
    if is_clean(text) { put(text) } else { each_special(text, put) }
}

/// Whether nothing in `text` is to be escaped: one pass without a branch for each byte.
#[inline]
fn is_clean(text: &[u8]) -> bool {
    let (blocks, tail) = text.as_chunks::<BLOCK>();
    if blocks.iter().any(any_special) {
        return false;
    }
    match (text.last_chunk::<BLOCK>(), tail.len()) {
        (_, 0) => true,
        // The last block overlaps the one before it, whose bytes are known to be clean.
        (Some(last), _) => !any_special(last),
        (None, 8..) => !any_special(&overlapped::<8>(tail)),
        (None, 4..) => !any_special(&overlapped::<4>(tail)),
        (None, _) => !tail.iter().any(|&byte| is_special(byte)),
    }
}

/// The first and the last `HALF` bytes of a text that has as many, and blanks.
#[inline]
fn overlapped<const HALF: usize>(text: &[u8]) -> [u8; BLOCK] {
    let mut block = [b' '; BLOCK];
    block[..HALF].copy_from_slice(&text[..HALF]);
    block[HALF..2 * HALF].copy_from_slice(&text[text.len() - HALF..]);
    block
}

/// Each block is asked once for all its special bytes, so that text that is full of them is not read again after each.
fn each_special<E>(text: &[u8], put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let mut done = 0;
    for (index, block) in text.chunks(BLOCK).enumerate() {
        let mut marks = match block.first_chunk() {
            Some(block) => marks(block),
            None => {
                let mut last = [b' '; BLOCK];
                last[..block.len()].copy_from_slice(block);
                marks(&last)
            }
        };
        while marks != 0 {
            let bit = marks.trailing_zeros();
            let at = index * BLOCK + bit as usize / 8;
            if at > done {
                put(&text[done..at])?;
            }
            put(reference(text[at]))?;
            done = at + 1;
            marks &= !(0xff << bit);
        }
    }
    if done < text.len() { put(&text[done..]) } else { Ok(()) }
}

/// Whether any byte of a block is to be escaped. One question after the other, so that the compiler asks each of all bytes at
/// once; three of them do for five bytes, as `&` and `'` differ in one bit, and so do `<` and `>`.
#[inline(always)]
fn any_special(block: &[u8; BLOCK]) -> bool {
    let any = |is_wanted: fn(u8) -> bool| block.iter().fold(false, |any, &byte| any | is_wanted(byte));
    any(|byte| byte == b'"') | any(|byte| byte | 1 == b'\'') | any(|byte| byte | 2 == b'>')
}

/// A block with 0xff where a byte is to be escaped and 0 elsewhere; the first byte is the lowest.
#[inline]
fn marks(block: &[u8; BLOCK]) -> u128 {
    u128::from_le_bytes(block.map(|byte| if is_special(byte) { 0xff } else { 0 }))
}

#[inline]
const fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte | 1 == b'\'') | (byte | 2 == b'>')
}

/// Hands a file's name over as one segment of a URL: what RFC 3986 (section 2.3) calls unreserved stays, all else is a
/// percent sign and two digits. What comes out needs no escapes of HTML.
///
/// # Errors
/// With the first error of `put`.
#[inline]
pub(super) fn each_url_piece<E>(name: &str, put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut rest = name.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| !UNRESERVED[usize::from(byte)]) {
        if at > 0 {
            put(&rest[..at])?;
        }
        let byte = rest[at];
        put(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]])?;
        rest = &rest[at + 1..];
    }
    if rest.is_empty() { Ok(()) } else { put(rest) }
}

const UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let it = byte as u8;
        table[byte] = it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::{each_piece, each_url_piece};
    use proptest::prelude::{ProptestConfig, any, proptest};
    use std::convert::Infallible;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        let Ok(()) = each_piece(text, &mut |piece| -> Result<(), Infallible> {
            out.extend_from_slice(piece);
            Ok(())
        });
        String::from_utf8(out).unwrap()
    }

    fn in_url(name: &str) -> String {
        let mut out = Vec::new();
        let Ok(()) = each_url_piece(name, &mut |piece| -> Result<(), Infallible> {
            out.extend_from_slice(piece);
            Ok(())
        });
        String::from_utf8(out).unwrap()
    }

    /// One replacement after the other, `&` last: the opposite order of a wrong escape shows as a difference.
    fn unescaped(text: &str) -> String {
        let quotes = text.replace("&#34;", "\"").replace("&#39;", "'");
        quotes.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    #[track_caller]
    fn check(text: &str) {
        let out = escaped(text);
        assert!(!out.contains(['<', '>', '"', '\'']), "{out:?} has a special character");
        let references = ["amp;", "lt;", "gt;", "#34;", "#39;"];
        let mut after_each = out.split('&').skip(1);
        assert!(after_each.all(|rest| references.iter().any(|name| rest.starts_with(name))), "{out:?} has a raw `&`");
        assert_eq!(unescaped(&out), text);
        let expected: String = text
            .chars()
            .map(|c| match c {
                '&' => "&amp;".into(),
                '<' => "&lt;".into(),
                '>' => "&gt;".into(),
                '"' => "&#34;".into(),
                '\'' => "&#39;".into(),
                c => c.to_string(),
            })
            .collect();
        assert_eq!(out, expected);
    }

    #[test]
    fn every_ascii_byte_at_every_place_of_two_blocks_and_more() {
        for byte in 0..128u8 {
            for place in 0..35 {
                let mut text = [b'x'; 35];
                text[place] = byte;
                check(std::str::from_utf8(&text).unwrap());
                check(std::str::from_utf8(&text[..=place]).unwrap());
                text[(place + 1) % 35] = b'&';
                text[(place + 3) % 35] = b'>';
                check(std::str::from_utf8(&text).unwrap());
                check(std::str::from_utf8(&text[..place]).unwrap());
            }
        }
        check("");
        check("ümlaut 測試 🦀 &amp; <b>\"quoted\" & 'it's'</b>");
        check(&"<&>'\"".repeat(1000));
    }

    #[test]
    fn a_name_in_a_url_is_one_segment() {
        assert_eq!(in_url("Shop_1-2.~png"), "Shop_1-2.~png");
        assert_eq!(in_url("a b#c?d%e/f\"&'"), "a%20b%23c%3Fd%25e%2Ff%22%26%27");
        assert_eq!(in_url("ü"), "%C3%BC");
        assert_eq!(in_url(""), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn nothing_special_is_left_and_it_reads_back(text in any::<String>(), dense in "[&<>\"'a-c;#]{0,70}", sparse in "[a-z ]{0,40}[&<>\"']?[a-z]{0,40}") {
            check(&text);
            check(&dense);
            check(&sparse);
            check(&(text + &dense + &sparse));
        }
    }
}
