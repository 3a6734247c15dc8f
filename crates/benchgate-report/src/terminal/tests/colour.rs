//! Colour and the letters of plain terminals.

use insta::assert_snapshot;

use super::*;

/// Escape codes as something that an editor shows.
fn coloured(width: usize) -> String {
    let (run, outcome) = mixed();
    terminal(&run, &outcome, Look { palette: Palette::Ansi, ..plain(width) }).replace('\u{1b}', "␛")
}

#[test]
fn colours_at_120_columns() {
    assert_snapshot!(coloured(120), @r#"
    perfblocks: 3 commits and your uncommitted changes, against the merge base with `origin/main` (1a2b3c4d5 → 9f8e7d6c5)

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
    perfblocks: 3 commits and your uncommitted changes, against the merge base with
    `origin/main` (1a2b3c4d5 → 9f8e7d6c5)

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
    perfblocks: 3 commits and your
    uncommitted changes, against the merge
    base with `origin/main` (1a2b3c4d5 →
    9f8e7d6c5)

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
