"""The controller's decisions after feedback."""

from __future__ import annotations

import pytest

from sidecar.congestion.controller import (
    KEYFRAME_LEAD,
    MAX_DRAIN,
    RETRANSMISSION_SHARE,
    SETTLE_SECONDS,
    CongestionController,
    Decision,
)
from sidecar.congestion.pacer import PACING_FACTOR
from sidecar.congestion.playout import IMMEDIATE
from sidecar.congestion.reports import Arrival, MissingPackets, ReceiverReport
from sidecar.contract.limits import MAX_BITRATE

TARGET = 2_500_000
SIZE = 1250


class Bench:
    """A controller of a stream of 2 Mbit/s, a packet each 5 ms."""

    def __init__(self, playout_delay: tuple[int, int] | None = None) -> None:
        self.now = 50.0
        self.controller = CongestionController(self.now, playout_delay)
        self.controller.encoder_target = TARGET
        self.number = 0

    def send(self, packets: int, every: float = 0.005) -> list[tuple[int, float]]:
        """Send so many packets; their transport-wide numbers and send times."""
        sent = []
        for _ in range(packets):
            self.now += every
            self.number += 1
            self.controller.on_sent(self.number, SIZE, self.now)
            sent.append((self.number, self.now))
        return sent

    def settle(self, round_trip_time: float = 0.02) -> None:
        """Begin the stream, and let it become old enough for decisions about loss."""
        self.controller.on_first_frame_sent(self.now)
        self.controller.on_receiver_report(ReceiverReport(0.0, 1000, round_trip_time), self.now)
        self.now += SETTLE_SECONDS
        self.send(200)

    def arrive(self, packets: int, delays: float | list[float]) -> Decision:
        """Send packets, and report their arrival after `delays` seconds each."""
        sent = self.send(packets)
        each = delays if isinstance(delays, list) else [delays] * packets
        arrivals = [Arrival(number, at + delay) for (number, at), delay in zip(sent, each, strict=True)]
        return self.controller.on_arrivals(arrivals, self.now)

    def overload(self) -> Decision:
        """Report packets that queue longer and longer: a quarter of the sent bitrate arrives."""
        self.arrive(10, 0.01)
        return self.arrive(40, [0.06 + 0.015 * index for index in range(40)])

    def miss(self, packets: int, feedback_delay: float) -> Decision:
        """Report the last `packets` of 40 missing, by a NACK that takes `feedback_delay` longer than a round trip."""
        self.send(40)
        sent_at = self.now
        self.now += 0.02 + feedback_delay
        return self.controller.on_missing_packets(MissingPackets(range(40 - packets, 40), 40, sent_at), self.now)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_pacing_rate_follows_the_encoder_s_target(bench: Bench) -> None:
    assert bench.controller.pacing_rate == PACING_FACTOR * TARGET
    bench.controller.encoder_target = None
    assert bench.controller.pacing_rate is None


def test_feedback_that_names_no_sent_packet_changes_nothing(bench: Bench) -> None:
    assert bench.controller.on_arrivals([Arrival(9999, 1.0)], bench.now) == Decision()


def test_a_change_of_the_capacity_is_reported_once_and_only_when_it_is_noticeable(bench: Bench) -> None:
    reported = [
        bench.controller.on_receiver_estimate(bitrate, bench.now).target_bitrate
        for bitrate in (3_000_000, 3_000_000, 3_030_000, 3_100_000)
    ]
    assert reported == [3_000_000, None, None, 3_100_000]


def test_an_estimate_is_bounded(bench: Bench) -> None:
    decision = bench.controller.on_receiver_estimate(10 * MAX_BITRATE, bench.now)
    assert decision.target_bitrate == MAX_BITRATE
    assert bench.controller.receiver_estimate == MAX_BITRATE


def test_after_a_disconnection_the_capacity_is_reported_again(bench: Bench) -> None:
    bench.controller.on_receiver_estimate(3_000_000, bench.now)
    bench.controller.on_disconnected(bench.now)
    assert bench.controller.on_receiver_estimate(3_000_000, bench.now).target_bitrate == 3_000_000


def test_a_collapse_lowers_the_bitrate_drains_the_queue_and_asks_for_a_keyframe(bench: Bench) -> None:
    bench.settle()
    decision = bench.overload()
    assert decision.keyframe
    assert decision.target_bitrate is not None
    assert decision.target_bitrate < 0.5 * TARGET
    assert decision.drain_until is not None
    assert bench.now <= decision.drain_until <= bench.now + MAX_DRAIN
    assert bench.controller.drain_until == decision.drain_until


def test_while_the_queue_drains_an_arrival_can_end_it_sooner_but_never_later(bench: Bench) -> None:
    bench.settle()
    sent = bench.send(10)
    bench.controller.on_arrivals([Arrival(number, at + 0.01) for number, at in sent], bench.now)
    queued = bench.send(40)
    in_flight = bench.send(60)
    arrivals = [Arrival(number, at + 0.06 + 0.015 * index) for index, (number, at) in enumerate(queued)]
    first = bench.controller.on_arrivals(arrivals, bench.now).drain_until
    assert first is not None
    bench.now += 0.05
    late = bench.controller.on_arrivals([Arrival(number, at + 0.6) for number, at in in_flight[:2]], bench.now)
    assert (late.keyframe, late.drain_until) == (False, first)
    last = bench.controller.on_arrivals([Arrival(number, at + 0.6) for number, at in in_flight], bench.now)
    assert last.drain_until == bench.now, "nothing is in flight any more"


def test_most_packets_missing_from_a_queue_is_a_collapse(bench: Bench) -> None:
    bench.settle()
    decision = bench.miss(30, feedback_delay=0.25)
    assert (decision.keyframe, decision.retransmission_budget) == (True, None)
    assert decision.drain_until == pytest.approx(bench.now + 0.25 - KEYFRAME_LEAD)
    assert decision.target_bitrate is not None


def test_packets_that_overtake_each_other_are_no_collapse(bench: Bench) -> None:
    bench.settle()
    decision = bench.miss(30, feedback_delay=0.01)
    assert not decision.keyframe
    assert decision.retransmission_budget == RETRANSMISSION_SHARE * TARGET


def test_what_was_missing_before_a_collapse_is_not_counted_again(bench: Bench) -> None:
    bench.settle()
    assert bench.miss(30, feedback_delay=0.25).keyframe
    bench.now += MAX_DRAIN + SETTLE_SECONDS
    again = bench.controller.on_missing_packets(MissingPackets(range(40), 60, bench.now - 0.5), bench.now)
    assert not again.keyframe


def test_a_stream_that_has_just_begun_cannot_collapse(bench: Bench) -> None:
    bench.controller.on_first_frame_sent(bench.now)
    bench.controller.on_receiver_report(ReceiverReport(0.0, 1000, 0.02), bench.now)
    assert not bench.miss(30, feedback_delay=0.25).keyframe
    assert not bench.controller.on_budget_exceeded(bench.now).keyframe


def test_a_viewer_that_reports_arrivals_shows_a_collapse_by_them_alone(bench: Bench) -> None:
    bench.settle()
    bench.arrive(10, 0.01)
    assert not bench.miss(30, feedback_delay=0.25).keyframe


def test_retransmissions_take_up_the_budget(bench: Bench) -> None:
    bench.settle()
    bench.controller.on_retransmitted(1, SIZE, bench.now)
    decision = bench.miss(2, feedback_delay=0.0)
    assert decision.retransmission_budget == RETRANSMISSION_SHARE * TARGET - 8 * SIZE


def test_more_missing_packets_than_the_budget_allows_are_given_up_for_a_keyframe_at_once(bench: Bench) -> None:
    bench.settle()
    decision = bench.controller.on_budget_exceeded(bench.now)
    assert (decision.keyframe, decision.drain_until) == (True, bench.now)


def test_a_late_nack_about_packets_that_were_given_up_is_no_collapse(bench: Bench) -> None:
    bench.settle()
    bench.miss(30, feedback_delay=0.01)
    assert bench.controller.on_budget_exceeded(bench.now).keyframe
    bench.now += SETTLE_SECONDS
    late = bench.controller.on_missing_packets(MissingPackets([12], 60, None), bench.now)
    assert not late.keyframe
    assert late.target_bitrate is None


def test_loss_on_a_long_path_delays_the_playout(bench: Bench) -> None:
    bench.controller.on_receiver_report(ReceiverReport(0.0, 1000, 0.1), bench.now)
    decision = bench.controller.on_receiver_report(ReceiverReport(0.05, 1040, 0.1), bench.now)
    assert decision.playout_delay == (250, 2000) == bench.controller.playout_delay


def test_loss_of_a_congested_link_does_not_delay_the_playout(bench: Bench) -> None:
    bench.settle(round_trip_time=0.1)
    bench.overload()
    decision = bench.controller.on_receiver_report(ReceiverReport(0.5, 2000, 0.1), bench.now)
    assert decision.playout_delay == IMMEDIATE


def test_the_loss_of_a_few_packets_waits_until_there_are_enough_of_them(bench: Bench) -> None:
    estimates = []
    for highest, fraction in ((1000, 0.0), (1005, 1.0), (1010, 1.0), (1019, 1.0), (1025, 1.0)):
        bench.controller.on_receiver_report(ReceiverReport(fraction, highest, None), bench.now)
        estimates.append(bench.controller.link_capacity)
    assert estimates[:-1] == [None] * 4
    assert estimates[-1] is not None


def test_loss_while_the_viewer_is_out_of_reach_counts_for_nothing(bench: Bench) -> None:
    bench.settle()
    bench.controller.on_disconnected(bench.now)
    bench.controller.on_receiver_report(ReceiverReport(0.9, 1040, None), bench.now)
    assert not bench.miss(30, feedback_delay=0.25).keyframe
    assert bench.controller.link_capacity is None
    bench.controller.on_receiver_report(ReceiverReport(0.5, 1080, None), bench.now)
    assert bench.controller.link_capacity is not None


def test_after_a_disconnection_a_longer_path_is_no_queue(bench: Bench) -> None:
    bench.settle()
    bench.controller.on_disconnected(bench.now)
    assert bench.arrive(20, 0.4).target_bitrate is None
    assert bench.controller.path.queueing_delay == pytest.approx(0.0)
    assert bench.controller.path.shortest_round_trip is None
