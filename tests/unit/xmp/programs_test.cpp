// What other programs read of what is written here, and what is read here of what they write.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "catalog/xmp/mapping.h"
#include "tests/support/drive.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/xmp/samples.h"

namespace lensfs::xmp::test {
namespace {

using lensfs::test::Ran;
using lensfs::test::TempDir;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class AmongPrograms : public testing::Test {
 protected:
  void put(const std::string& text) { std::ofstream(file_) << text; }
  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }
  Description said() const {
    return description_of(parse(content()).value_or(Properties()), {.frames = 25});
  }
  nlohmann::json exiftool() const {
    const Ran ran = lensfs::test::run({"exiftool", "-j", "-struct", "-G1", file_.string()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return nlohmann::json::parse(ran.out, nullptr, false).at(0);
  }
  std::string exiv2() const {
    const Ran ran = lensfs::test::run({"exiv2", "-PXkt", file_.string()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran.out;
  }
  static Description everything() {
    Description wanted;
    wanted.fields = {{"title", "Mål & mer"}, {"creator", "Ada"},   {"rating", "4"},
                     {"label", "Red"},       {"scene", "12A"},     {"reel", "A001"},
                     {"take", "3"},          {"city", "Oslo"},     {"copyright", "© NRK"},
                     {"description", "Tor"}, {"people", "Ada, Bo"}};
    wanted.tags = {"place/Oslo", "winter"};
    wanted.markers = {{.start = 50, .frames = 25, .name = "goal", .text = "second"}};
    return wanted;
  }
  static std::string packet_of(const Description& wanted) {
    const std::string empty = written({}).value_or("");
    const FrameRate rate{.frames = 25};
    return patch(empty, changes_for(parse(empty).value_or(Properties()), wanted, rate))
        .value_or("");
  }

  TempDir folder_;
  std::filesystem::path file_ = folder_ / "a.xmp";
};

TEST_F(AmongPrograms, ExifToolReadsWhatIsWrittenHere) {
  LENSFS_NEEDS("exiftool");
  put(packet_of(everything()));

  const nlohmann::json read = exiftool();

  EXPECT_EQ(read["XMP-dc:Title"], "Mål & mer");
  EXPECT_EQ(read["XMP-dc:Rights"], "© NRK");
  EXPECT_EQ(read["XMP-xmp:Rating"], 4);
  EXPECT_EQ(read["XMP-xmpDM:TapeName"], "A001");
  EXPECT_EQ(read["XMP-photoshop:City"], "Oslo");
  EXPECT_THAT(read["XMP-dc:Subject"], UnorderedElementsAre("Oslo", "winter"));
  EXPECT_EQ(read["XMP-lr:HierarchicalSubject"][0], "place|Oslo");
  EXPECT_THAT(read["XMP-iptcExt:PersonInImage"], ElementsAre("Ada", "Bo"));
  EXPECT_EQ(read["XMP-xmpDM:Tracks"][0]["Markers"][0]["Name"], "goal");
}

TEST_F(AmongPrograms, Exiv2ReadsWhatIsWrittenHere) {
  LENSFS_NEEDS("exiv2");
  put(packet_of(everything()));

  const std::string read = exiv2();

  EXPECT_THAT(read, HasSubstr("Mål & mer"));
  EXPECT_THAT(read, HasSubstr("Xmp.xmp.Rating"));
  EXPECT_THAT(read, HasSubstr("place|Oslo"));
  EXPECT_THAT(read, HasSubstr("Xmp.xmpDM.Tracks[1]/xmpDM:markers[1]/xmpDM:startTime"));
}

TEST_F(AmongPrograms, WhatExifToolWritesIsReadHereAndNothingOfItIsLost) {
  LENSFS_NEEDS("exiftool");
  const Ran ran = lensfs::test::run(
      {"exiftool", "-XMP-dc:Title=Tor", "-XMP-xmp:Rating=2", "-XMP-dc:Subject=winter",
       "-XMP-dc:Subject=Oslo", "-XMP-lr:HierarchicalSubject=place|Oslo", "-XMP-xmpDM:Scene=7",
       "-XMP-dc:Creator=Ada", "-XMP-crs:Exposure2012=1.5", "-XMP-photoshop:City=Oslo",
       "-XMP-xmpDM:Good=true", file_.string()});
  ASSERT_EQ(ran.exit, 0) << ran.err;

  Description read = said();

  EXPECT_EQ(read.fields["title"], "Tor");
  EXPECT_EQ(read.fields["rating"], "2");
  EXPECT_EQ(read.fields["scene"], "7");
  EXPECT_EQ(read.fields["creator"], "Ada");
  EXPECT_EQ(read.fields["good"], "yes");
  EXPECT_THAT(read.tags, UnorderedElementsAre("place/Oslo", "winter"));

  read.fields["rating"] = "5";
  const Properties before = parse(content()).value_or(Properties());
  put(patch(content(), changes_for(before, read)).value_or(""));
  const nlohmann::json after = exiftool();
  EXPECT_EQ(after["XMP-xmp:Rating"], 5);
  EXPECT_EQ(after["XMP-crs:Exposure2012"], 1.5);
  EXPECT_EQ(after["XMP-dc:Title"], "Tor");
}

TEST_F(AmongPrograms, WhatExiv2WritesIsReadHere) {
  LENSFS_NEEDS("exiv2");
  put(kLightroom);
  const Ran ran = lensfs::test::run({"exiv2", "-M", "set Xmp.xmp.Rating 1", "-M",
                                     "set Xmp.dc.description lang=x-default Vinter", "-M",
                                     "add Xmp.dc.subject XmpBag snow", file_.string()});
  ASSERT_EQ(ran.exit, 0) << ran.err;

  Description read = said();

  EXPECT_EQ(read.fields["rating"], "1");
  EXPECT_EQ(read.fields["description"], "Vinter");
  EXPECT_THAT(read.tags, Contains("snow"));
}

// Both say the same of a packet before and after it was patched, but for what was changed.
TEST_F(AmongPrograms, NothingIsLostOfPacketsFromElsewhere) {
  LENSFS_NEEDS("exiftool");
  put(kLightroom);
  nlohmann::json before = exiftool();
  put(patch(kLightroom, {{"xmp:Rating", Value::of("5")}}).value_or(""));
  nlohmann::json after = exiftool();

  EXPECT_EQ(after["XMP-xmp:Rating"], 5);
  for (const char* own : {"XMP-xmp:Rating", "System:FileModifyDate", "System:FileSize",
                          "System:FileInodeChangeDate", "System:FileAccessDate"}) {
    before.erase(own);
    after.erase(own);
  }
  EXPECT_EQ(before, after);
}

}  // namespace
}  // namespace lensfs::xmp::test
