// XMP files beside assets, on a mounted drive: made of what people said, written by programs, and
// kept up to date. tests/unit/xmp has the format.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Sidecar : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("clip.mov", movie(1000), {.project = "demo", .tags = {"place/oslo"}}));
    ASSERT_TRUE(add("plain.mov", movie(1001)));
    ASSERT_TRUE(mount(working()));
    ASSERT_EQ(set_xattr(clip(), "user.lensfs.field.rating", "3"), 0);
  }
  [[nodiscard]] static MountWith working() {
    MountWith with;
    with.work = MountWith::Work::yes;
    return with;
  }
  [[nodiscard]] path folder() const { return at("Projects/demo"); }
  [[nodiscard]] path clip() const { return folder() / "clip.mov"; }
  [[nodiscard]] path whole() const { return folder() / "clip.mov.xmp"; }
  [[nodiscard]] path stem() const { return folder() / "clip.xmp"; }
  [[nodiscard]] std::string field(const std::string& key) const {
    return xattr_text(clip(), "user.lensfs.field." + key);
  }
  [[nodiscard]] std::string tags() const { return xattr_text(clip(), "user.xdg.tags"); }
  // A packet of another program's making: it has what nobody here knows.
  [[nodiscard]] static std::string foreign(const std::string& rating, const std::string& keywords) {
    return "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n <rdf:RDF "
           "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
           "  <rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"
           "    xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
           " xmlns:crs=\"http://ns.adobe.com/camera-raw-settings/1.0/\"\n"
           "    xmp:Rating=\"" +
           rating + "\" crs:Exposure2012=\"+0.35\">\n   <dc:subject><rdf:Bag>" + keywords +
           "</rdf:Bag></dc:subject>\n  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n";
  }
};

TEST_F(Sidecar, SaysWhatPeopleSaidAndIsNotListed) {
  for (const path& name : {whole(), stem(), at("Tags/place/oslo/clip.mov.xmp")}) {
    EXPECT_THAT(text_in(name), HasSubstr("place|oslo")) << name;
    EXPECT_EQ(std::filesystem::file_size(name), text_in(name).size());
  }
  EXPECT_THAT(names_in(folder()), ElementsAre("clip.mov", "plain.mov"));

  ASSERT_EQ(set_xattr(clip(), "user.lensfs.field.title", "Åse & Bo"), 0);
  EXPECT_THAT(text_in(whole()), HasSubstr("Åse &amp; Bo"));
}

TEST_F(Sidecar, IsNotThereWhereNobodySaidAnything) {
  EXPECT_FALSE(is_there(folder() / "plain.mov.xmp"));
  EXPECT_FALSE(is_there(folder() / "plain.xmp"));
  ASSERT_EQ(set_xattr(folder() / "plain.mov", "user.xdg.tags", "new"), 0);
  EXPECT_TRUE(is_there(folder() / "plain.xmp"));
}

TEST_F(Sidecar, IsReadByExiftool) {
  LENSFS_NEEDS("exiftool");
  const Ran ran = run({"exiftool", "-s3", "-XMP:Rating", "-XMP:HierarchicalSubject", stem()});
  EXPECT_EQ(ran.out, "3\nplace|oslo\n");
}

TEST_F(Sidecar, WrittenByExiftoolIsAnEdit) {
  LENSFS_NEEDS("exiftool");
  ASSERT_EQ(run({"exiftool", "-q", "-overwrite_original", "-XMP:Rating=5", "-XMP:Title=Goal",
                 "-XMP-dc:Subject+=winter", stem()})
                .exit,
            0);

  EXPECT_TRUE(wait_until([&] { return field("rating") == "5" && field("title") == "Goal"; }))
      << field("rating") << field("title");
  EXPECT_TRUE(wait_until([&] { return tags() == "place/oslo,winter"; })) << tags();
  EXPECT_THAT(names_in(folder()), ElementsAre("clip.mov", "clip.xmp", "plain.mov"));
}

TEST_F(Sidecar, WrittenByExivInPlaceIsAnEdit) {
  LENSFS_NEEDS("exiv2");
  ASSERT_EQ(run({"exiv2", "-Mset Xmp.xmp.Rating 4", whole()}).exit, 0);

  EXPECT_TRUE(wait_until([&] { return field("rating") == "4"; })) << field("rating");
  EXPECT_EQ(tags(), "place/oslo");
}

TEST_F(Sidecar, ThatIsWrittenKeepsEachByte) {
  const std::string text = foreign("1", "<rdf:li>blue</rdf:li>");
  write_file(whole(), text);

  EXPECT_EQ(text_in(whole()), text);
  EXPECT_FALSE(is_there(stem())) << "one that says the same";
  EXPECT_TRUE(wait_until([&] { return field("rating") == "1" && tags() == "blue"; }))
      << field("rating") << " " << tags();
}

TEST_F(Sidecar, FollowsWhatIsSaidElsewhere) {
  write_file(stem(), foreign("2", "<rdf:li>blue</rdf:li>"));
  ASSERT_TRUE(wait_until([&] { return field("rating") == "2"; }));

  ASSERT_EQ(set_xattr(clip(), "user.lensfs.tag.people/åse", ""), 0);
  ASSERT_EQ(set_xattr(clip(), "user.lensfs.field.rating", "4"), 0);

  EXPECT_TRUE(wait_until([&] {
    const std::string text = text_in(stem());
    return text.find("people|åse") != std::string::npos &&
           text.find("xmp:Rating=\"4\"") != std::string::npos;
  })) << text_in(stem());
  EXPECT_THAT(text_in(stem()), HasSubstr("crs:Exposure2012=\"+0.35\">"));
  ASSERT_TRUE(tag("demo/clip.mov", {"-blue"}));
  EXPECT_TRUE(wait_until([&] { return text_in(stem()).find("blue") == std::string::npos; }));
  EXPECT_EQ(tags(), "people/åse");
  const Ran versions = library_command("versions", {stem().string()});
  EXPECT_THAT(versions.out, HasSubstr("sidecar"));
}

TEST_F(Sidecar, OfAFileThatComesLaterIsOnlyASidecar) {
  write_file(folder() / "late.xmp", foreign("2", "<rdf:li>blue</rdf:li>"));
  ASSERT_TRUE(add("late.mov", movie(1002)));
  const path late = folder() / "late.mov";
  EXPECT_TRUE(wait_until([&] { return xattr_text(late, "user.lensfs.field.rating") == "2"; }));
  EXPECT_THAT(library_command("info", {late.string()}).out, HasSubstr("sidecar"));
}

TEST_F(Sidecar, CarriesMarkersBothWays) {
  write_file(folder() / "clip.mov.markers.csv", "start,duration,name,text\n5,2,goal,header\n");
  EXPECT_THAT(text_in(whole()), HasSubstr("goal"));

  const std::string text = text_in(whole());
  std::string edited = text;
  const std::size_t at_name = edited.find("goal");
  ASSERT_NE(at_name, std::string::npos);
  edited.replace(at_name, 4, "save");
  write_file(whole(), edited);

  EXPECT_TRUE(wait_until([&] {
    const std::string markers = text_in(folder() / "clip.mov.markers.csv");
    return markers.find("save") != std::string::npos && markers.find("goal") == std::string::npos;
  })) << text_in(folder() / "clip.mov.markers.csv");
}

TEST_F(Sidecar, ThatIsRemovedCanBeMadeAnew) {
  ASSERT_EQ(::unlink(stem().c_str()), 0);
  EXPECT_FALSE(is_there(stem()));
  const int made = ::open(stem().c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644);
  EXPECT_GE(made, 0) << errno;
  ::close(made);
  EXPECT_EQ(field("rating"), "3");
}

TEST_F(Sidecar, OfATermIsOnlyRead) {
  const path name = at("Tags/place/oslo/clip.mov.xmp");
  EXPECT_EQ(::open(name.c_str(), O_WRONLY), -1);
  EXPECT_EQ(errno, EROFS);
}

TEST_F(Sidecar, StaysAsItIsWhereThatIsAsked) {
  ASSERT_TRUE(unmount());
  write_file(library() / "lensfs.toml", "[ingest]\nsidecars = false\n");
  ASSERT_TRUE(mount(working()));
  const std::string text = foreign("2", "");
  write_file(stem(), text);
  ASSERT_TRUE(wait_until([&] { return field("rating") == "2"; }));
  ASSERT_EQ(set_xattr(clip(), "user.lensfs.field.rating", "4"), 0);
  ASSERT_EQ(library_command("work", {"--until-idle", "--quiet"}).exit, 0);
  EXPECT_EQ(text_in(stem()), text);
}

TEST_F(Sidecar, InsideOfClipsIsReadToo) {
  LENSFS_NEEDS("ffmpeg");
  LENSFS_NEEDS("exiftool");
  const path clip = scratch() / "inside.mov";
  const path song = scratch() / "inside.mp3";
  const std::string packet =
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description "
      "xmlns:xmpDM=\"http://ns.adobe.com/xmp/1.0/DynamicMedia/\" xmpDM:scene=\"Åse 7\"/>"
      "</rdf:RDF></x:xmpmeta>";
  const std::string sound = "anullsrc=d=0.2";
  ASSERT_EQ(run({"ffmpeg", "-v", "error", "-f", "lavfi", "-i", sound, clip}).exit, 0);
  ASSERT_EQ(run({"exiftool", "-q", "-overwrite_original", "-XMP-xmpDM:Scene=Åse 7", clip}).exit, 0);
  ASSERT_EQ(run({"ffmpeg", "-v", "error", "-f", "lavfi", "-i", sound, "-metadata",
                 "id3v2_priv.XMP=" + packet, song})
                .exit,
            0);
  ASSERT_TRUE(ingest(clip));
  ASSERT_TRUE(ingest(song));

  for (const char* name : {"inside.mov", "inside.mp3"}) {
    EXPECT_TRUE(wait_until([&] {
      return xattr_text(folder() / name, "user.lensfs.field.scene") == "Åse 7";
    })) << name;
  }
}

TEST_F(Sidecar, IsNoDoorPastTheRulesOfWhatItDescribes) {
  ASSERT_EQ(set_xattr(clip(), "user.lensfs.access", "group:71001=manage, other=list"), 0);

  write_file(stem(), foreign("5", "<rdf:li>intruder</rdf:li>"));
  // Of a file that no rule binds more than its sidecar it is told, so the queue went on.
  write_file(folder() / "plain.xmp", foreign("4", "<rdf:li>welcome</rdf:li>"));
  ASSERT_TRUE(
      wait_until([&] { return xattr_text(folder() / "plain.mov", "user.xdg.tags") == "welcome"; }));
  EXPECT_EQ(tags(), "place/oslo");
  EXPECT_EQ(field("rating"), "3");

  ASSERT_EQ(set_xattr(clip(), "user.lensfs.field.title", "secret title"), 0);
  ASSERT_EQ(set_xattr(folder() / "plain.mov", "user.lensfs.field.title", "open title"), 0);
  ASSERT_TRUE(wait_until([&] {
    return testing::Value(read_at_once(folder() / "plain.xmp").value_or(""),
                          HasSubstr("open title"));
  }));
  EXPECT_THAT(read_at_once(stem()).value_or(""), Not(HasSubstr("secret title")));
}

}  // namespace
}  // namespace lensfs::test
