//! Work a second, ready to show.

use crate::model::Throughput;

/// Throughput from work an iteration and nanoseconds an iteration: `1.20 GiB/s`, `35.1 Melem/s`, `800 Mbit/s`.
pub(super) fn text(work: Throughput, nanos_per_iteration: f64) -> Option<String> {
    let (amount, step, units) = match work {
        Throughput::Bytes(n) => (n, 1024.0, ["B/s", "KiB/s", "MiB/s", "GiB/s", "TiB/s"]),
        Throughput::Elements(n) => (n, 1000.0, ["elem/s", "Kelem/s", "Melem/s", "Gelem/s", "Telem/s"]),
        Throughput::Bits(n) => (n, 1000.0, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"]),
    };
    let mut rate = amount as f64 / nanos_per_iteration * 1e9;
    if !rate.is_finite() {
        return None;
    }
    let mut unit = 0;
    // 999.5 would be shown as 1000.
    while rate >= step - 0.5 && unit + 1 < units.len() {
        rate /= step;
        unit += 1;
    }
    let digits = if rate < 10.0 { 2 } else { usize::from(rate < 100.0) };
    Some(format!("{rate:.digits$} {}", units[unit]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_the_right_prefix() {
        #[track_caller]
        fn check(work: Throughput, nanos: f64, expected: Option<&str>) {
            assert_eq!(text(work, nanos).as_deref(), expected);
        }
        check(Throughput::Bytes(1024), 1000.0, Some("977 MiB/s"));
        check(Throughput::Bytes(1 << 30), 1e9, Some("1.00 GiB/s"));
        check(Throughput::Elements(1), 28.5, Some("35.1 Melem/s"));
        check(Throughput::Bits(800), 1000.0, Some("800 Mbit/s"));
        check(Throughput::Elements(1), 1e10, Some("0.10 elem/s"));
        check(Throughput::Elements(0), 0.0, None);
    }
}
