use insta::assert_snapshot;

use super::*;
use crate::gate::{Effect, ExitCode};
use crate::model::Metric;
use crate::report::fixture::{count_row, empty_run, hostile_ids, mixed, outcome, permitted, row, time_row};

fn plain(width: usize) -> Look {
    Look { width, palette: Palette::Plain, charset: Charset::Unicode, rows: Rows::Folded }
}

/// Escape codes as something that an editor shows.
fn coloured(width: usize) -> String {
    let (run, outcome) = mixed();
    terminal(&run, &outcome, Look { palette: Palette::Ansi, ..plain(width) }).replace('\u{1b}', "␛")
}

/// No line is wider than the terminal, except commands, which must stay whole.
#[track_caller]
fn check_width(text: &str, width: usize) {
    for line in text.lines().filter(|line| !line.starts_with("  reproduce: ")) {
        assert!(fit::width(line) <= width, "{} columns in `{line}`", fit::width(line));
    }
}

#[test]
fn wide_terminals_show_every_column() {
    let (run, outcome) = mixed();
    assert!(terminal(&run, &outcome, plain(132)).contains("1.24 GiB/s"));
}

#[test]
fn at_120_columns_throughput_goes() {
    let (run, outcome) = mixed();
    assert_snapshot!(terminal(&run, &outcome, plain(120)), @r#"
    perfblocks: 1a2b3c4d5 (merge base with origin/main) → 9f8e7d6c5 with uncommitted changes

    verdict         benchmark                          metric           base  candidate  effect      interval %  could see
    ▲ regressed     serialization/result/direct/small  time         118.4 ns   125.6 ns  +6.12%    [+5.2, +7.0]       3.4%
    ▲ regressed     serialization/result/direct/small  allocations         1          2   +100%
    ! errored       pools/slice/get_put/4k             time
    ? inconclusive  breakers/circuit/closed/ok         time         21.70 ns   21.98 ns  +1.30%   [-0.90, +4.1]       3.4%
    ▼ improved      executor/startup/new_lazy/minimal  time         48.21 µs   33.17 µs  -31.2%  [-33.0, -29.0]       3.4%
    = unchanged     executor/startup/new_lazy/minimal  bytes           4 KiB      4 KiB  ±0.00%
    ≡ identical     pools/object/reuse/one             time

    claims
    ✗ violated        direct-allocates-once: measured 2, bound 1 (optimize)
                      allocations of serialization/result/direct/small = 1
                      counted 2
    ? undecided       reuse: not measured, bound 1 (not rated)
                      allocations of serialization/result/direct/small = 1
                      a count does not repeat itself
    ∅ not-applicable  eight threads: not measured, bound ≤ 4 (not rated)
                      time of breakers/circuit/closed/mt@t8 / time of breakers/circuit/closed/mt@t1 <= 4
                      it takes 8 cores, and this machine has 2
    ✓ holds           direct-beats-generic: measured 0.372 [0.361, 0.384], bound ≤ 0.500, target ≤ 0.400 (good)
                      time of serialization/result/direct/small / time of serialization/result/generic/small <= 0.5
    · reported        a call takes 50 ns: measured 21.70 ns [21.10 ns, 22.40 ns], bound ≤ 50 ns (excellent)
                      time of breakers/circuit/closed/ok <= 50
                      median of 8 pairs; nanoseconds never gate

    ▲ regressed serialization/result/direct/small time
      slower by 6.1 % in 16 pairs, evidence 4 100 : 1 against at most half the tolerance
      reproduce: cargo xtask bench 'serialization/result/direct/small' --base 1a2b3c4d5 --seed 7

    ▲ regressed serialization/result/direct/small allocations
      2 instead of 1, exact on both sides

    ! errored pools/slice/get_put/4k time
      candidate crashed: panicked at `called Option::unwrap on a None value`
      reproduce: cargo xtask bench 'pools/slice/get_put/4k' --base 1a2b3c4d5 --seed 7

    ? inconclusive breakers/circuit/closed/ok time
      64 pairs were not enough

    warning: the baseline of 3 heap targets is older than the toolchain

    7 series: 2 regressed, 1 errored, 1 inconclusive, 1 improved, 1 unchanged, 1 identical
    this run would have called 3.4 % red with 95 % chance; measured for 1 min 01 s, 1 min 36 s in all
    ERROR: 2 of 7 series regressed, worst `serialization/result/direct/small` by 6.1 %
    "#);
}

#[test]
fn eighty_columns_keep_the_interval() {
    let (run, outcome) = mixed();
    assert_snapshot!(terminal(&run, &outcome, plain(80)), @r#"
    perfblocks: 1a2b3c4d5 (merge base with origin/main) → 9f8e7d6c5 with uncommitted
    changes

    verdict         benchmark                    metric       effect      interval %
    ▲ regressed     serialization…/direct/small  time         +6.12%    [+5.2, +7.0]
    ▲ regressed     serialization…/direct/small  allocations   +100%
    ! errored       pools/slice/get_put/4k       time
    ? inconclusive  breakers/circuit/closed/ok   time         +1.30%   [-0.90, +4.1]
    ▼ improved      executor/star…_lazy/minimal  time         -31.2%  [-33.0, -29.0]
    = unchanged     executor/star…_lazy/minimal  bytes        ±0.00%
    ≡ identical     pools/object/reuse/one       time

    claims
    ✗ violated        direct-allocates-once: measured 2, bound 1 (optimize)
                      allocations of serialization/result/direct/small = 1
                      counted 2
    ? undecided       reuse: not measured, bound 1 (not rated)
                      allocations of serialization/result/direct/small = 1
                      a count does not repeat itself
    ∅ not-applicable  eight threads: not measured, bound ≤ 4 (not rated)
                      time of breakers/circuit/closed/mt@t8 / time of
                      breakers/circuit/closed/mt@t1 <= 4
                      it takes 8 cores, and this machine has 2
    ✓ holds           direct-beats-generic: measured 0.372 [0.361, 0.384], bound ≤
                      0.500, target ≤ 0.400 (good)
                      time of serialization/result/direct/small / time of
                      serialization/result/generic/small <= 0.5
    · reported        a call takes 50 ns: measured 21.70 ns [21.10 ns, 22.40 ns],
                      bound ≤ 50 ns (excellent)
                      time of breakers/circuit/closed/ok <= 50
                      median of 8 pairs; nanoseconds never gate

    ▲ regressed serialization/result/direct/small time
      slower by 6.1 % in 16 pairs, evidence 4 100 : 1 against at most half the
      tolerance
      reproduce: cargo xtask bench 'serialization/result/direct/small' --base 1a2b3c4d5 --seed 7

    ▲ regressed serialization/result/direct/small allocations
      2 instead of 1, exact on both sides

    ! errored pools/slice/get_put/4k time
      candidate crashed: panicked at `called Option::unwrap on a None value`
      reproduce: cargo xtask bench 'pools/slice/get_put/4k' --base 1a2b3c4d5 --seed 7

    ? inconclusive breakers/circuit/closed/ok time
      64 pairs were not enough

    warning: the baseline of 3 heap targets is older than the toolchain

    7 series: 2 regressed, 1 errored, 1 inconclusive, 1 improved, 1 unchanged, 1
    identical
    this run would have called 3.4 % red with 95 % chance; measured for 1 min 01 s,
    1 min 36 s in all
    ERROR: 2 of 7 series regressed, worst `serialization/result/direct/small` by
    6.1 %
    "#);
}

#[test]
fn forty_columns_are_stacked() {
    let (run, outcome) = mixed();
    assert_snapshot!(terminal(&run, &outcome, plain(40)), @r#"
    perfblocks: 1a2b3c4d5 (merge base with
    origin/main) → 9f8e7d6c5 with
    uncommitted changes

    ▲ regressed  time
      serialization/result/direct/small
      118.4 ns → 125.6 ns
      +6.12% [+5.2, +7.0]
      could see 3.4%
      1.24 GiB/s
    ▲ regressed  allocations
      serialization/result/direct/small
      1 → 2
      +100%
    ! errored  time
      pools/slice/get_put/4k
    ? inconclusive  time
      breakers/circuit/closed/ok
      21.70 ns → 21.98 ns
      +1.30% [-0.90, +4.1]
      could see 3.4%
    ▼ improved  time
      executor/startup/new_lazy/minimal
      48.21 µs → 33.17 µs
      -31.2% [-33.0, -29.0]
      could see 3.4%
    = unchanged  bytes
      executor/startup/new_lazy/minimal
      4 KiB → 4 KiB
      ±0.00%
    ≡ identical  time
      pools/object/reuse/one

    claims
    ✗ violated
      direct-allocates-once: measured 2,
      bound 1 (optimize)
      allocations of
      serialization/result/direct/small = 1
      counted 2
    ? undecided
      reuse: not measured, bound 1 (not
      rated)
      allocations of
      serialization/result/direct/small = 1
      a count does not repeat itself
    ∅ not-applicable
      eight threads: not measured, bound ≤ 4
      (not rated)
      time of breakers/circuit/closed/mt@t8
      / time of
      breakers/circuit/closed/mt@t1 <= 4
      it takes 8 cores, and this machine has
      2
    ✓ holds
      direct-beats-generic: measured 0.372
      [0.361, 0.384], bound ≤ 0.500, target
      ≤ 0.400 (good)
      time of
      serialization/result/direct/small /
      time of
      serialization/result/generic/small <=
      0.5
    · reported
      a call takes 50 ns: measured 21.70 ns
      [21.10 ns, 22.40 ns], bound ≤ 50 ns
      (excellent)
      time of breakers/circuit/closed/ok <=
      50
      median of 8 pairs; nanoseconds never
      gate

    ▲ regressed
    serialization/result/direct/small time
      slower by 6.1 % in 16 pairs, evidence
      4 100 : 1 against at most half the
      tolerance
      reproduce: cargo xtask bench 'serialization/result/direct/small' --base 1a2b3c4d5 --seed 7

    ▲ regressed
    serialization/result/direct/small
    allocations
      2 instead of 1, exact on both sides

    ! errored pools/slice/get_put/4k time
      candidate crashed: panicked at `called
      Option::unwrap on a None value`
      reproduce: cargo xtask bench 'pools/slice/get_put/4k' --base 1a2b3c4d5 --seed 7

    ? inconclusive
    breakers/circuit/closed/ok time
      64 pairs were not enough

    warning: the baseline of 3 heap targets
    is older than the toolchain

    7 series: 2 regressed, 1 errored, 1
    inconclusive, 1 improved, 1 unchanged, 1
    identical
    this run would have called 3.4 % red
    with 95 % chance; measured for 1 min 01
    s, 1 min 36 s in all
    ERROR: 2 of 7 series regressed, worst
    `serialization/result/direct/small` by
    6.1 %
    "#);
}

#[test]
fn colours_at_120_columns() {
    assert_snapshot!(coloured(120), @r#"
    perfblocks: 1a2b3c4d5 (merge base with origin/main) → 9f8e7d6c5 with uncommitted changes

    ␛[1mverdict         benchmark                          metric           base  candidate  effect      interval %  could see␛[0m
    ␛[1m␛[31m▲ regressed␛[0m     serialization/result/direct/small  time         118.4 ns   125.6 ns  +6.12%    [+5.2, +7.0]       3.4%
    ␛[1m␛[31m▲ regressed␛[0m     serialization/result/direct/small  allocations         1          2   +100%
    ␛[1m␛[31m! errored␛[0m       pools/slice/get_put/4k             time
    ␛[33m? inconclusive␛[0m  breakers/circuit/closed/ok         time         21.70 ns   21.98 ns  +1.30%   [-0.90, +4.1]       3.4%
    ␛[36m▼ improved␛[0m      executor/startup/new_lazy/minimal  time         48.21 µs   33.17 µs  -31.2%  [-33.0, -29.0]       3.4%
    ␛[2m= unchanged␛[0m     executor/startup/new_lazy/minimal  bytes           4 KiB      4 KiB  ±0.00%
    ␛[2m≡ identical␛[0m     pools/object/reuse/one             time

    ␛[1mclaims␛[0m
    ␛[1m␛[31m✗ violated␛[0m        direct-allocates-once: measured 2, bound 1 (optimize)
                      allocations of serialization/result/direct/small = 1
                      counted 2
    ␛[33m? undecided␛[0m       reuse: not measured, bound 1 (not rated)
                      allocations of serialization/result/direct/small = 1
                      a count does not repeat itself
    ␛[2m∅ not-applicable␛[0m  eight threads: not measured, bound ≤ 4 (not rated)
                      time of breakers/circuit/closed/mt@t8 / time of breakers/circuit/closed/mt@t1 <= 4
                      it takes 8 cores, and this machine has 2
    ␛[36m✓ holds␛[0m           direct-beats-generic: measured 0.372 [0.361, 0.384], bound ≤ 0.500, target ≤ 0.400 (good)
                      time of serialization/result/direct/small / time of serialization/result/generic/small <= 0.5
    ␛[2m· reported␛[0m        a call takes 50 ns: measured 21.70 ns [21.10 ns, 22.40 ns], bound ≤ 50 ns (excellent)
                      time of breakers/circuit/closed/ok <= 50
                      median of 8 pairs; nanoseconds never gate

    ␛[1m␛[31m▲ regressed serialization/result/direct/small time␛[0m
      slower by 6.1 % in 16 pairs, evidence 4 100 : 1 against at most half the tolerance
      reproduce: cargo xtask bench 'serialization/result/direct/small' --base 1a2b3c4d5 --seed 7

    ␛[1m␛[31m▲ regressed serialization/result/direct/small allocations␛[0m
      2 instead of 1, exact on both sides

    ␛[1m␛[31m! errored pools/slice/get_put/4k time␛[0m
      candidate crashed: panicked at `called Option::unwrap on a None value`
      reproduce: cargo xtask bench 'pools/slice/get_put/4k' --base 1a2b3c4d5 --seed 7

    ␛[33m? inconclusive breakers/circuit/closed/ok time␛[0m
      64 pairs were not enough

    warning: the baseline of 3 heap targets is older than the toolchain

    7 series: 2 regressed, 1 errored, 1 inconclusive, 1 improved, 1 unchanged, 1 identical
    this run would have called 3.4 % red with 95 % chance; measured for 1 min 01 s, 1 min 36 s in all
    ␛[1m␛[31mERROR␛[0m: 2 of 7 series regressed, worst `serialization/result/direct/small` by 6.1 %
    "#);
}

#[test]
fn colours_at_80_columns() {
    assert_snapshot!(coloured(80), @r#"
    perfblocks: 1a2b3c4d5 (merge base with origin/main) → 9f8e7d6c5 with uncommitted
    changes

    ␛[1mverdict         benchmark                    metric       effect      interval %␛[0m
    ␛[1m␛[31m▲ regressed␛[0m     serialization…/direct/small  time         +6.12%    [+5.2, +7.0]
    ␛[1m␛[31m▲ regressed␛[0m     serialization…/direct/small  allocations   +100%
    ␛[1m␛[31m! errored␛[0m       pools/slice/get_put/4k       time
    ␛[33m? inconclusive␛[0m  breakers/circuit/closed/ok   time         +1.30%   [-0.90, +4.1]
    ␛[36m▼ improved␛[0m      executor/star…_lazy/minimal  time         -31.2%  [-33.0, -29.0]
    ␛[2m= unchanged␛[0m     executor/star…_lazy/minimal  bytes        ±0.00%
    ␛[2m≡ identical␛[0m     pools/object/reuse/one       time

    ␛[1mclaims␛[0m
    ␛[1m␛[31m✗ violated␛[0m        direct-allocates-once: measured 2, bound 1 (optimize)
                      allocations of serialization/result/direct/small = 1
                      counted 2
    ␛[33m? undecided␛[0m       reuse: not measured, bound 1 (not rated)
                      allocations of serialization/result/direct/small = 1
                      a count does not repeat itself
    ␛[2m∅ not-applicable␛[0m  eight threads: not measured, bound ≤ 4 (not rated)
                      time of breakers/circuit/closed/mt@t8 / time of
                      breakers/circuit/closed/mt@t1 <= 4
                      it takes 8 cores, and this machine has 2
    ␛[36m✓ holds␛[0m           direct-beats-generic: measured 0.372 [0.361, 0.384], bound ≤
                      0.500, target ≤ 0.400 (good)
                      time of serialization/result/direct/small / time of
                      serialization/result/generic/small <= 0.5
    ␛[2m· reported␛[0m        a call takes 50 ns: measured 21.70 ns [21.10 ns, 22.40 ns],
                      bound ≤ 50 ns (excellent)
                      time of breakers/circuit/closed/ok <= 50
                      median of 8 pairs; nanoseconds never gate

    ␛[1m␛[31m▲ regressed serialization/result/direct/small time␛[0m
      slower by 6.1 % in 16 pairs, evidence 4 100 : 1 against at most half the
      tolerance
      reproduce: cargo xtask bench 'serialization/result/direct/small' --base 1a2b3c4d5 --seed 7

    ␛[1m␛[31m▲ regressed serialization/result/direct/small allocations␛[0m
      2 instead of 1, exact on both sides

    ␛[1m␛[31m! errored pools/slice/get_put/4k time␛[0m
      candidate crashed: panicked at `called Option::unwrap on a None value`
      reproduce: cargo xtask bench 'pools/slice/get_put/4k' --base 1a2b3c4d5 --seed 7

    ␛[33m? inconclusive breakers/circuit/closed/ok time␛[0m
      64 pairs were not enough

    warning: the baseline of 3 heap targets is older than the toolchain

    7 series: 2 regressed, 1 errored, 1 inconclusive, 1 improved, 1 unchanged, 1
    identical
    this run would have called 3.4 % red with 95 % chance; measured for 1 min 01 s,
    1 min 36 s in all
    ␛[1m␛[31mERROR␛[0m: 2 of 7 series regressed, worst `serialization/result/direct/small` by
    6.1 %
    "#);
}

#[test]
fn colours_at_40_columns() {
    assert_snapshot!(coloured(40), @r#"
    perfblocks: 1a2b3c4d5 (merge base with
    origin/main) → 9f8e7d6c5 with
    uncommitted changes

    ␛[1m␛[31m▲ regressed␛[0m  time
      serialization/result/direct/small
      118.4 ns → 125.6 ns
      +6.12% [+5.2, +7.0]
      could see 3.4%
      1.24 GiB/s
    ␛[1m␛[31m▲ regressed␛[0m  allocations
      serialization/result/direct/small
      1 → 2
      +100%
    ␛[1m␛[31m! errored␛[0m  time
      pools/slice/get_put/4k
    ␛[33m? inconclusive␛[0m  time
      breakers/circuit/closed/ok
      21.70 ns → 21.98 ns
      +1.30% [-0.90, +4.1]
      could see 3.4%
    ␛[36m▼ improved␛[0m  time
      executor/startup/new_lazy/minimal
      48.21 µs → 33.17 µs
      -31.2% [-33.0, -29.0]
      could see 3.4%
    ␛[2m= unchanged␛[0m  bytes
      executor/startup/new_lazy/minimal
      4 KiB → 4 KiB
      ±0.00%
    ␛[2m≡ identical␛[0m  time
      pools/object/reuse/one

    ␛[1mclaims␛[0m
    ␛[1m␛[31m✗ violated␛[0m
      direct-allocates-once: measured 2,
      bound 1 (optimize)
      allocations of
      serialization/result/direct/small = 1
      counted 2
    ␛[33m? undecided␛[0m
      reuse: not measured, bound 1 (not
      rated)
      allocations of
      serialization/result/direct/small = 1
      a count does not repeat itself
    ␛[2m∅ not-applicable␛[0m
      eight threads: not measured, bound ≤ 4
      (not rated)
      time of breakers/circuit/closed/mt@t8
      / time of
      breakers/circuit/closed/mt@t1 <= 4
      it takes 8 cores, and this machine has
      2
    ␛[36m✓ holds␛[0m
      direct-beats-generic: measured 0.372
      [0.361, 0.384], bound ≤ 0.500, target
      ≤ 0.400 (good)
      time of
      serialization/result/direct/small /
      time of
      serialization/result/generic/small <=
      0.5
    ␛[2m· reported␛[0m
      a call takes 50 ns: measured 21.70 ns
      [21.10 ns, 22.40 ns], bound ≤ 50 ns
      (excellent)
      time of breakers/circuit/closed/ok <=
      50
      median of 8 pairs; nanoseconds never
      gate

    ␛[1m␛[31m▲ regressed
    serialization/result/direct/small time␛[0m
      slower by 6.1 % in 16 pairs, evidence
      4 100 : 1 against at most half the
      tolerance
      reproduce: cargo xtask bench 'serialization/result/direct/small' --base 1a2b3c4d5 --seed 7

    ␛[1m␛[31m▲ regressed
    serialization/result/direct/small
    allocations␛[0m
      2 instead of 1, exact on both sides

    ␛[1m␛[31m! errored pools/slice/get_put/4k time␛[0m
      candidate crashed: panicked at `called
      Option::unwrap on a None value`
      reproduce: cargo xtask bench 'pools/slice/get_put/4k' --base 1a2b3c4d5 --seed 7

    ␛[33m? inconclusive
    breakers/circuit/closed/ok time␛[0m
      64 pairs were not enough

    warning: the baseline of 3 heap targets
    is older than the toolchain

    7 series: 2 regressed, 1 errored, 1
    inconclusive, 1 improved, 1 unchanged, 1
    identical
    this run would have called 3.4 % red
    with 95 % chance; measured for 1 min 01
    s, 1 min 36 s in all
    ␛[1m␛[31mERROR␛[0m: 2 of 7 series regressed, worst
    `serialization/result/direct/small` by
    6.1 %
    "#);
}

#[test]
fn colour_adds_nothing_but_colour() {
    let (run, outcome) = mixed();
    for width in [120, 80, 40] {
        let with = terminal(&run, &outcome, Look { palette: Palette::Ansi, ..plain(width) });
        assert_eq!(anstream::adapter::strip_str(&with).to_string(), terminal(&run, &outcome, plain(width)));
    }
}

#[test]
fn ascii_terminals_get_ascii() {
    let (run, mut outcome) = mixed();
    outcome.rows[0].id = "größe/🦀".into();
    let text = terminal(&run, &outcome, Look { charset: Charset::Ascii, ..plain(120) });
    assert!(text.is_ascii(), "{text}");
    assert!(text.contains(r"gr\u{f6}\u{df}e/\u{1f980}") && text.contains("48.21 us"), "{text}");
}

#[test]
fn every_width_is_kept() {
    let (run, outcome) = mixed();
    for width in 30..200 {
        check_width(&terminal(&run, &outcome, plain(width)), width);
    }
    terminal(&run, &outcome, plain(0));
    assert!(terminal(&run, &outcome, plain(usize::MAX)).contains("1.24 GiB/s"));
}

#[test]
fn quiet_rows_are_folded_unless_asked_for() {
    let id = |i: usize| format!("pools/slice/get_put/{i}");
    let mut rows: Vec<_> = (0..40).map(|i| row(&id(i), Metric::Time, Status::Identical)).collect();
    rows.insert(0, time_row("pools/slice/get_put/worse", Status::Regressed, 10.0, [0.1, 0.09, 0.11]));
    let outcome = outcome(rows, vec![ExitCode::Regression], "1 of 41 series regressed");
    let folded = terminal(&empty_run(), &outcome, plain(120));
    assert_snapshot!(folded, @r#"
    perfblocks: 1a2b3c4d5 (merge base with origin/main) → 9f8e7d6c5 with uncommitted changes

    verdict      benchmark                  metric   base  candidate  effect     interval %  could see
    ▲ regressed  pools/slice/get_put/worse  time    10 ns      11 ns  +10.0%  [+9.0, +11.0]       3.4%
    … 40 more need no attention; the report has them

    ▲ regressed pools/slice/get_put/worse time
      reproduce: cargo xtask bench 'pools/slice/get_put/worse' --base 1a2b3c4d5 --seed 7

    41 series: 1 regressed, 40 identical
    measured for 1 min 01 s, 1 min 36 s in all
    FAIL: 1 of 41 series regressed
    "#);
    let all = terminal(&empty_run(), &outcome, Look { rows: Rows::All, ..plain(120) });
    assert_eq!(all.matches("≡ identical").count(), 40);
}

#[test]
fn an_empty_run_says_so() {
    let outcome = outcome(vec![], vec![ExitCode::NothingCompared], "nothing was compared");
    assert_snapshot!(terminal(&empty_run(), &outcome, plain(80)), @r#"
    perfblocks: 1a2b3c4d5 (merge base with origin/main) → 9f8e7d6c5 with uncommitted
    changes

    0 series
    measured for 1 min 01 s, 1 min 36 s in all
    ERROR: nothing was compared
    "#);
}

#[test]
fn columns_without_content_are_left_out() {
    let mut only = row("pools/slice/get_put/4k", Metric::Time, Status::Advisory);
    only.candidate = Some(240.0);
    let outcome = outcome(vec![only], vec![ExitCode::NothingCompared], "nothing was compared");
    assert_snapshot!(terminal(&empty_run(), &outcome, plain(100)), @r#"
    perfblocks: 1a2b3c4d5 (merge base with origin/main) → 9f8e7d6c5 with uncommitted changes

    verdict     benchmark               metric  candidate
    · advisory  pools/slice/get_put/4k  time       240 ns

    1 series: 1 advisory
    measured for 1 min 01 s, 1 min 36 s in all
    ERROR: nothing was compared
    "#);
}

#[test]
fn infinite_effects_have_a_text() {
    let grown = count_row("a/b/c/d", Metric::Allocations, Status::Regressed, 0.0, 3.0);
    let gone = count_row("a/b/c/e", Metric::Allocations, Status::Improved, 3.0, 0.0);
    let mut blind = time_row("a/b/c/f", Status::Inconclusive, 5.0, [0.0, -1.0, f64::INFINITY]);
    blind.smallest_visible = Some(f64::INFINITY);
    let mut wild = row("a/b/c/g", Metric::Time, Status::Implausible);
    (wild.base, wild.candidate) = (Some(f64::NAN), Some(-f64::INFINITY));
    wild.effect = Some(Effect { estimate: f64::NAN, lower: f64::NAN, upper: f64::NAN });
    let outcome = outcome(vec![grown, gone, blind, wild], vec![ExitCode::Implausible], "1 series is implausible");
    assert_snapshot!(terminal(&empty_run(), &outcome, plain(120)), @r#"
    perfblocks: 1a2b3c4d5 (merge base with origin/main) → 9f8e7d6c5 with uncommitted changes

    verdict         benchmark  metric       base  candidate  effect  interval %  could see
    ▲ regressed     a/b/c/d    allocations     0          3      +∞
    ▼ improved      a/b/c/e    allocations     3          0   -100%
    ? inconclusive  a/b/c/f    time         5 ns       5 ns  ±0.00%   [-100, ∞]       none
    ! implausible   a/b/c/g    time          NaN         -∞     NaN  [NaN, NaN]

    ▲ regressed a/b/c/d allocations
      reproduce: cargo xtask bench 'a/b/c/d' --base 1a2b3c4d5 --seed 7

    ! implausible a/b/c/g time
      reproduce: cargo xtask bench 'a/b/c/g' --base 1a2b3c4d5 --seed 7

    4 series: 1 regressed, 1 implausible, 1 inconclusive, 1 improved
    measured for 1 min 01 s, 1 min 36 s in all
    ERROR: 1 series is implausible
    "#);
}

#[test]
fn hostile_text_is_inert() {
    let mut rows: Vec<_> = hostile_ids().iter().map(|id| row(id, Metric::Time, Status::Errored)).collect();
    rows[0].detail = hostile_ids().join(" ");
    rows[1].id = "long".repeat(20_000);
    let mut outcome = outcome(rows, vec![ExitCode::BenchFailed], &hostile_ids().join(" "));
    outcome.warnings = hostile_ids();
    let mut run = empty_run();
    run.workspace = hostile_ids().concat();
    for width in [160, 80, 40, usize::MAX] {
        let text = terminal(&run, &outcome, plain(width));
        let is_seen = |c: char| c == '\n' || matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1;
        assert_eq!(text.chars().find(|&c| !is_seen(c)), None);
        check_width(&text, width);
    }
}

#[test]
fn rows_with_one_cause_are_explained_together() {
    let rows = (0..1000).map(|i| row(&format!("a/b/c/{i}"), Metric::Time, Status::NotRun)).collect();
    let text = terminal(&empty_run(), &outcome(rows, vec![ExitCode::Incomplete], "interrupted"), plain(100));
    assert_eq!(text.matches("reproduce: ").count(), COMMANDS);
    assert!(text.contains("and 999 more series"), "{text}");
}

#[test]
fn many_causes_are_explained_within_reason() {
    let cause = |i: u32| {
        let mut row = row(&format!("a/b/c/{i}"), Metric::Time, Status::NotRun);
        row.detail = format!("cause {i}");
        row
    };
    let rows = (0..1000).map(cause).collect();
    let text = terminal(&empty_run(), &outcome(rows, vec![ExitCode::Incomplete], "interrupted"), plain(100));
    assert_eq!(text.matches("  cause ").count(), EXPLAINED_CAUSES);
    assert!(text.contains("… and 990 more series in the report"), "{text}");
}

#[test]
fn what_this_change_permits_itself_stands_first() {
    let (run, outcome) = permitted();
    assert_snapshot!(terminal(&run, &outcome, plain(100)), @r##"
    perfblocks: 1a2b3c4d5 (merge base with origin/main) → 9f8e7d6c5 with uncommitted changes

    acceptances added by this change
    △ used time of `pools/slice/get_put/4k` may be up to 8 % more until 2026-12-31
      reason: bounds checks
      +6.1 % is within the 8 % accepted until 2026-12-31: bounds checks

    acceptances that fail
    ✗ unused `pools/old` may be removed until 2027-01-31
      reason: nobody calls it
      no benchmark has this id
      withdraw: cargo xtask accept 'pools/old' --removed --withdraw

    configuration, base → this change
      tolerance.time: "2%" → "50%"

    verdict     benchmark               metric      base  candidate  effect    interval %  could see
    △ accepted  pools/slice/get_put/4k  time    20.10 ns   21.33 ns  +6.12%  [+5.2, +7.0]       3.4%

    △ accepted pools/slice/get_put/4k time
      slower by 6.1 %; +6.1 % is within the 8 % accepted until 2026-12-31: bounds checks

    1 series: 1 accepted
    measured for 1 min 01 s, 1 min 36 s in all
    ERROR: 1 series: 1 accepted; the acceptance of the removal of `pools/old` is unused
    "##);
    for width in [20, 40, 80] {
        let text = terminal(&run, &outcome, plain(width));
        let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("  withdraw: ")).collect();
        check_width(&text.join("\n"), width);
    }
}

#[test]
fn acceptances_and_keys_are_inert() {
    let (mut run, mut outcome) = permitted();
    for (i, id) in hostile_ids().into_iter().enumerate() {
        let row = &mut outcome.acceptances[i % 2];
        row.statement = id.clone();
        row.reason = id.clone();
        run.policy_changes[0] = crate::model::PolicyChange { key: id.clone(), base: Some(id), candidate: None };
        let text = terminal(&run, &outcome, plain(80));
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{0}', '\r', '\t']), "{text}");
    }
}
