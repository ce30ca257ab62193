#include "catalog/model/marker.h"

#include <gmock/gmock.h>

#include "catalog/model/field.h"
#include "catalog/model/search.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

class Markers : public ModelTest {
 protected:
  void set(const std::string& key, const std::string& value) {
    write([&](Transaction& txn) {
      return set_field(txn, actor_, asset(clip_), key, value, FieldSource::file);
    });
  }
  void replace(const std::vector<Marker>& markers) {
    write([&](Transaction& txn) { return replace_markers(txn, actor_, asset(clip_), markers); });
  }
  std::string csv() {
    return markers_csv(must(clock_of(db(), clip_)), must(markers_of(db(), clip_)));
  }

  AssetId clip_ = add("A001.mov");
};

TEST_F(Markers, CountInTheTimecodeOfTheClip) {
  set("rate", "25");
  set("timecode", "01:00:00:00");
  const FrameClock clock = must(clock_of(db(), clip_));

  EXPECT_EQ(timecode_of(clock, 137), "01:00:05:12");
  EXPECT_EQ(frame_at(clock, "01:00:05:12"), 137);
  EXPECT_EQ(frame_at(clock, "00:59:59:24"), std::nullopt);
  EXPECT_EQ(frame_at(clock, "01:00:05:25"), std::nullopt);
  EXPECT_EQ(subclip_name(clock, "A001.mov", {.start = 137, .frames = 50}),
            "A001@01.00.05.12+00.00.02.00.mov");
}

TEST_F(Markers, CountDropFrameTimecodeAsSmpte12mDoes) {
  set("rate", "30000/1001");
  set("timecode", "00:00:00;00");
  const FrameClock clock = must(clock_of(db(), clip_));

  EXPECT_EQ(timecode_of(clock, 1799), "00:00:59;29");
  EXPECT_EQ(timecode_of(clock, 1800), "00:01:00;02");
  EXPECT_EQ(timecode_of(clock, 17982), "00:10:00;00");
  EXPECT_EQ(frame_at(clock, "00:01:00;00"), std::nullopt);
  for (std::int64_t frame = 0; frame < 200'000; frame += 7) {
    ASSERT_EQ(frame_at(clock, timecode_of(clock, frame)), frame);
  }
}

TEST_F(Markers, AreTheSameAfterTheirTextWasRead) {
  set("rate", "24");
  replace({{.start = 10, .name = "slate, \"take 2\""},
           {.start = 48, .frames = 24, .name = "goal", .text = "two\nlines", .colour = "red"}});
  const std::string before = csv();

  replace(must(markers_from_csv(must(clock_of(db(), clip_)), before)));

  EXPECT_EQ(csv(), before);
  EXPECT_THAT(before, HasSubstr("00:00:02:00,00:00:01:00,goal,\"two\nlines\",red,ada\r\n"));
}

TEST_F(Markers, WithALineThatMakesNoSenseAreRefusedByIt) {
  const FrameClock clock;
  const auto refusal = [&](const std::string& text) {
    return markers_from_csv(clock, text).error().message();
  };
  EXPECT_THAT(refusal("start,name\n00:00:01:00,a\nnever,b\n"), HasSubstr("line 3"));
  EXPECT_THAT(refusal("name\na\n"), HasSubstr("names the columns"));
  EXPECT_EQ(must(markers_from_csv(clock, "Name,Start\nx,25\n")).front().start, 25);
}

TEST_F(Markers, AreFoundByWhatTheySay) {
  replace({{.start = 5, .name = "goal", .text = "by number ten"}, {.start = 9, .name = "foul"}});
  SqlSets sets;
  EXPECT_TRUE(must(evaluate(db(), sets, must(parse_query("marker:goal"))))->contains(clip_));
  EXPECT_TRUE(must(evaluate(db(), sets, must(parse_query("has:marker"))))->contains(clip_));
  EXPECT_FALSE(must(evaluate(db(), sets, must(parse_query("marker:corner"))))->contains(clip_));
  ASSERT_EQ(must(markers_saying(db(), "number ten")).size(), 1U);
  EXPECT_EQ(must(markers_saying(db(), "number ten")).front().start, 5);
}

}  // namespace
}  // namespace lensfs::test
