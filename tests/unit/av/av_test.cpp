// The parts of the engine that can be checked without media: times, rates, sizes, timecode.
#include <gmock/gmock.h>

#include "transcode/av/geometry.h"
#include "transcode/av/peaks.h"
#include "transcode/av/rate.h"
#include "transcode/av/starts.h"
#include "transcode/av/timecode.h"
#include "transcode/av/timeline.h"

namespace lensfs::av {
namespace {

bool is(AVRational rate, int num, int den) {
  return rate.num == num && rate.den == den;
}

TEST(Timeline, GivesEveryFrameOfAnEvenClipItsSlot) {
  Timeline timeline({30000, 1001}, {1, 1000});  // times in milliseconds, as Matroska rounds them

  for (int frame = 0; frame < 1000; ++frame) {
    EXPECT_EQ(timeline.slot_of(1000 + (frame * 1001LL + 15) / 30), frame);
  }
  EXPECT_EQ(timeline.tail(0), 1);
}

TEST(Timeline, LetsFramesStandUntilTheNext) {
  Timeline timeline({25, 1}, {1, 100});

  EXPECT_EQ(timeline.slot_of(0), 0);
  EXPECT_EQ(timeline.slot_of(12), 3);
  EXPECT_EQ(timeline.slot_of(13), 3);  // takes the place of the one before
  EXPECT_EQ(timeline.slot_of(20), 5);
  EXPECT_EQ(timeline.tail(20), 5);
}

TEST(Timeline, GoesOnAfterABreak) {
  Timeline timeline({25, 1}, {1, 25});

  EXPECT_EQ(timeline.slot_of(1000), 0);
  EXPECT_EQ(timeline.slot_of(1001), 1);
  EXPECT_EQ(timeline.slot_of(0), 2);  // the clock was set back
  EXPECT_EQ(timeline.slot_of(1), 3);
  EXPECT_EQ(timeline.slot_of(1'000'000'000), 4);  // nobody stands still for a year
  EXPECT_EQ(timeline.slot_of(1'000'000'001), 5);
  EXPECT_EQ(timeline.slot_of(AV_NOPTS_VALUE), 6);
}

TEST(Rate, SnapsWhatContainersRound) {
  EXPECT_TRUE(is(snap_even({28545, 1142}, 0), 25, 1));
  EXPECT_TRUE(is(snap_even({2997, 100}, 0), 30000, 1001));
  EXPECT_TRUE(is(snap_even({24, 1}, 0), 24, 1));
  EXPECT_TRUE(is(snap_even({7, 1}, 0), 7, 1));
}

TEST(Rate, OfUnevenFramesIsTheNearestStandardOne) {
  EXPECT_TRUE(is(snap_uneven({2945, 100}), 30000, 1001));
  EXPECT_TRUE(is(snap_uneven({12600, 1703}), 8, 1));
  EXPECT_TRUE(is(snap_uneven({58, 1}), 60000, 1001));
}

TEST(Rate, IsMeasuredFromDistances) {
  const auto even = rate_from({33, 34, 33, 33, 34, 33, 33, 34, 33}, {1, 1000});
  ASSERT_TRUE(even);
  EXPECT_EQ(even->kind, FrameRate::Kind::even);
  EXPECT_TRUE(is(even->rate, 30, 1) || is(even->rate, 30000, 1001));
  const auto uneven = rate_from({20, 60, 20, 60, 20, 60}, {1, 1000});
  ASSERT_TRUE(uneven);
  EXPECT_EQ(uneven->kind, FrameRate::Kind::uneven);
  EXPECT_TRUE(is(uneven->rate, 25, 1));
  EXPECT_FALSE(rate_from({40}, {1, 1000}));
  EXPECT_FALSE(rate_from({INT64_MAX / 2, INT64_MAX / 2}, {1, 1000}));
}

TEST(Rate, OfMxfIsOneThatItHas) {
  EXPECT_TRUE(is(mxf_rate({15, 1}), 24000, 1001));
  EXPECT_TRUE(is(mxf_rate({120, 1}), 60, 1));
  EXPECT_TRUE(is(mxf_rate({50, 1}), 50, 1));
}

TEST(Geometry, FitsIntoTheBoxAndIsNeverEnlarged) {
  EXPECT_EQ(fit({1920, 1080}, {1280, 720}, Sides::even), (Size{1280, 720}));
  EXPECT_EQ(fit({1080, 1920}, {1280, 720}, Sides::even), (Size{406, 720}));
  EXPECT_EQ(fit({1920, 1080}, {854, 480}, Sides::even), (Size{854, 480}));
  EXPECT_EQ(fit({640, 360}, {1280, 720}, Sides::even), (Size{640, 360}));
  EXPECT_EQ(fit({640, 360}, {0, 90}, Sides::any), (Size{160, 90}));
  EXPECT_EQ(fit({10000, 1}, {100, 100}, Sides::even), (Size{100, 2}));
  EXPECT_EQ(fit({10000, 1}, {100, 100}, Sides::any), (Size{100, 1}));
}

TEST(Geometry, IgnoresAspectsThatMakeNoSense) {
  EXPECT_EQ(square(720, 480, {8, 9}), (Size{640, 480}));
  EXPECT_EQ(square(720, 480, {0, 1}), (Size{720, 480}));
  EXPECT_EQ(square(720, 480, {100000, 1}), (Size{720, 480}));
}

TEST(Timecode, CountsFramesOfTheDay) {
  EXPECT_EQ(frames_of("00:00:01:05", {25, 1}), 30);
  EXPECT_EQ(frames_of("00:01:00;02", {30000, 1001}), 1800);
  EXPECT_EQ(frames_of("00:10:00;00", {30000, 1001}), 17982);
  EXPECT_EQ(frames_of("01:00:00:00", {30000, 1001}), 108000);
  EXPECT_FALSE(frames_of("00:00:01:25", {25, 1}));
  EXPECT_FALSE(frames_of("25:00:00:00", {25, 1}));
  EXPECT_FALSE(frames_of("yesterday", {25, 1}));
}

TEST(Timecode, MayCountEverySecondFrame) {
  const Timecode timecode{.text = "01:00:00;10", .rate = {30, 1}};

  const AVRational counted = counting_rate(timecode, {60000, 1001});

  EXPECT_TRUE(is(counted, 30000, 1001));
  EXPECT_EQ(at_rate(timecode, counted, {60000, 1001}), "01:00:00;20");
  EXPECT_EQ(at_rate(timecode, counted, {30000, 1001}), "01:00:00;10");
  EXPECT_EQ(at_rate(timecode, counted, {25, 1}), "01:00:00:08");
}

TEST(Starts, LateVideoIsLateByWholeFrames) {
  const Starts starts{.video_us = 500'000, .sound_us = 0};

  const Start mov = start_for(starts, Container::mov, {25, 1});
  EXPECT_EQ(mov.slots, 13);
  EXPECT_EQ(mov.zero_us, -20'000);
  const Start mxf = start_for(starts, Container::mxf, {25, 1});
  EXPECT_EQ(mxf.slots, 0);
  EXPECT_EQ(mxf.zero_us, 500'000);
}

TEST(Starts, LessThanAFrameIsNoDelay) {
  const Start start = start_for({.video_us = 7'000, .sound_us = 0}, Container::mov, {25, 1});
  EXPECT_EQ(start.slots, 0);
  EXPECT_EQ(start.zero_us, 7'000);
}

TEST(Starts, SoundAloneBeginsWhenItBegins) {
  EXPECT_EQ(start_for({.video_us = {}, .sound_us = 25'000}, Container::wav, {25, 1}).zero_us,
            25'000);
}

Frame frame_of_sound(int samples, float value) {
  Frame frame = new_frame();
  frame->format = AV_SAMPLE_FMT_FLTP;
  frame->sample_rate = 48000;
  frame->nb_samples = samples;
  av_channel_layout_default(&frame->ch_layout, 1);
  av_frame_get_buffer(frame.get(), 0);
  auto* at = reinterpret_cast<float*>(frame->data[0]);
  for (int sample = 0; sample < samples; ++sample) at[sample] = sample % 2 == 0 ? value : -value;
  return frame;
}

TEST(Peaks, StayBoundedAndLoseNothing) {
  Peaks peaks;
  const Frame soft = frame_of_sound(48000, 0.25F);
  const Frame loud = frame_of_sound(48000, 0.75F);

  for (int second = 0; second < 100; ++second) {
    ASSERT_TRUE(peaks.take(second == 50 ? *loud : *soft));
  }

  const auto columns = peaks.columns(0, 100);
  ASSERT_EQ(columns.size(), 100U);
  EXPECT_NEAR(columns[20].most, 0.25, 0.001);
  EXPECT_NEAR(columns[20].least, -0.25, 0.001);
  EXPECT_NEAR(columns[50].most, 0.75, 0.001);
  EXPECT_NEAR(columns[80].most, 0.25, 0.001);
}

TEST(Peaks, OfVeryShortSoundFillEveryColumn) {
  Peaks peaks;
  ASSERT_TRUE(peaks.take(*frame_of_sound(20, 0.5F)));

  for (const auto& column : peaks.columns(0, 1000)) EXPECT_NEAR(column.most, 0.5, 0.001);
}

}  // namespace
}  // namespace lensfs::av
