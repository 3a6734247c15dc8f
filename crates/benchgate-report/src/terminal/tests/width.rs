//! Columns by width.

use insta::assert_snapshot;

use super::*;

#[test]
fn wide_terminals_show_every_column() {
    let (run, outcome) = mixed();
    assert!(terminal(&run, &outcome, plain(132)).contains("1.24 GiB/s"));
}

#[test]
fn at_120_columns_throughput_goes() {
    let (run, outcome) = mixed();
    assert_snapshot!(terminal(&run, &outcome, plain(120)), @r#"
    perfblocks: 3 commits and your uncommitted changes, against the merge base with `origin/main` (1a2b3c4d5 → 9f8e7d6c5)

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
    perfblocks: 3 commits and your uncommitted changes, against the merge base with
    `origin/main` (1a2b3c4d5 → 9f8e7d6c5)

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
    perfblocks: 3 commits and your
    uncommitted changes, against the merge
    base with `origin/main` (1a2b3c4d5 →
    9f8e7d6c5)

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
fn every_width_is_kept() {
    let (run, outcome) = mixed();
    for width in 30..200 {
        check_width(&terminal(&run, &outcome, plain(width)), width);
    }
    terminal(&run, &outcome, plain(0));
    assert!(terminal(&run, &outcome, plain(usize::MAX)).contains("1.24 GiB/s"));
}
