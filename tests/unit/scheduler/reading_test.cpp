// What files say of themselves comes to the assets that have them.
#include "transcode/scheduler/reading.h"

#include <gmock/gmock.h>

#include "catalog/model/extraction.h"
#include "catalog/model/field.h"
#include "catalog/model/tag.h"
#include "catalog/model/text_index.h"
#include "tests/support/fake_engines.h"
#include "tests/unit/scheduler/scheduler_test.h"
#include "transcode/facts.h"
#include "transcode/scheduler/crew.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Sources are what an engine would say of them: "title=Goal tag=place/oslo words".
class Reading : public SchedulerTest {
 protected:
  Reading() {
    settings_.reads = true;
    settings_.making.eager = {};
  }

  void work() {
    Crew crew(
        catalog(), settings_,
        {.workers = 2, .until = CrewOptions::Until::idle, .engines = [](const RenditionSettings&) {
           return std::make_unique<FakeEngines>();
         }});
    must(crew.work({}));
  }
  std::string value(AssetId asset, std::string_view key) {
    const auto db = must(catalog().read());
    const auto field = find_field(*db, asset, key);
    return field ? field->value + " by " + field->source : "none";
  }
  std::vector<std::string> tags(AssetId asset) {
    const auto db = must(catalog().read());
    std::vector<std::string> terms;
    for (const Tag& tag : must(tags_of(*db, asset))) terms.push_back(tag.path);
    return terms;
  }
  std::uint64_t saying(std::string_view word) {
    const auto db = must(catalog().read());
    return must(assets_saying(*db, {.phrase = word}, {}))->count();
  }
  std::optional<Extraction> extraction(AssetId id) {
    const auto db = must(catalog().read());
    const Asset asset = must(find_asset(*db, id));
    return must(find_extraction(*db, must(find_version(*db, asset.version)).object));
  }
};

TEST_F(Reading, GivesFieldsAndWordsToWhatComesIn) {
  const AssetId clip = add("clip.mov", "title=Goal rate=25 words");

  work();

  EXPECT_EQ(value(clip, "title"), "Goal by file");
  EXPECT_EQ(value(clip, "rate"), "25 by file");
  EXPECT_EQ(saying("words"), 1U);
  EXPECT_THAT(jobs(), IsEmpty());
}

TEST_F(Reading, OfTheSameBytesIsDoneOnce) {
  add("clip.mov", "title=Goal");
  work();
  const auto first = extraction(add("same.mov", "title=Goal"));

  work();

  const AssetId other = add("other.mov", "title=Goal");
  work();
  EXPECT_EQ(value(other, "title"), "Goal by file");
  ASSERT_TRUE(first);
  EXPECT_EQ(extraction(other)->done, first->done);
}

TEST_F(Reading, NeverReplacesWhatAPersonSaid) {
  const AssetId clip = add("clip.mov", "title=Goal");
  work();
  must(catalog().write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Asset asset, find_asset(txn.db(), clip));
    return set_field(txn, {}, asset, "title", "Mine");
  }));

  add("clip.mov", "title=Another");
  work();

  EXPECT_EQ(value(clip, "title"), "Mine by person");
}

TEST_F(Reading, OfANewVersionTakesAwayWhatIsNoMoreSaid) {
  const AssetId clip = add("clip.mov", "title=Goal scene=7");
  work();

  add("clip.mov", "title=Next");
  work();

  EXPECT_EQ(value(clip, "title"), "Next by file");
  EXPECT_EQ(value(clip, "scene"), "none");
}

TEST_F(Reading, ThatFailsSaysWhy) {
  const AssetId clip = add("clip.mov", "broken");

  work();

  ASSERT_TRUE(extraction(clip));
  EXPECT_THAT(extraction(clip)->error.value_or(""), HasSubstr("moov atom not found"));
  ASSERT_EQ(jobs().size(), 1U);
  EXPECT_EQ(jobs().front().state, JobState::failed);
}

TEST_F(Reading, OfASidecarGoesToTheFileBesideIt) {
  const AssetId photo = add("IMG.CR2", "title=Inside", "film", "image");
  work();

  add("IMG.xmp", "title=Beside tag=place/oslo", "film", "other");
  work();

  EXPECT_EQ(value(photo, "title"), "Beside by sidecar");
  EXPECT_THAT(tags(photo), ElementsAre("place/oslo"));
}

TEST_F(Reading, OfASidecarThatCameFirstDoesSoToo) {
  add("IMG.CR2.xmp", "title=Beside tag=winter", "film", "other");
  work();

  const AssetId photo = add("IMG.CR2", "title=Inside", "film", "image");
  work();

  EXPECT_EQ(value(photo, "title"), "Beside by sidecar");
  EXPECT_THAT(tags(photo), ElementsAre("winter"));
}

TEST_F(Reading, PrefersTheSidecarOfTheWholeName) {
  add("IMG.xmp", "title=Stem", "film", "other");
  add("IMG.CR2.xmp", "title=Whole", "film", "other");
  const AssetId photo = add("IMG.CR2", "raw", "film", "image");

  work();

  EXPECT_EQ(value(photo, "title"), "Whole by sidecar");
}

TEST_F(Reading, LeavesAloneWhatASidecarIsNotAbout) {
  const AssetId jpeg = add("IMG.JPG", "title=Inside", "film", "image");
  add("IMG.xmp", "title=Beside sidecar_for=CR2", "film", "other");

  work();

  EXPECT_EQ(value(jpeg, "title"), "Inside by file");
}

TEST_F(Reading, OfALibraryFromBeforeIsPlanned) {
  settings_.reads = false;
  const AssetId clip = add("clip.mov", "title=Goal");
  work();
  EXPECT_EQ(value(clip, "title"), "none");

  settings_.reads = true;
  work();

  EXPECT_EQ(value(clip, "title"), "Goal by file");
}

TEST(FactsOfAnEngine, AreDoubted) {
  EXPECT_FALSE(Facts::from_json("words"));
  EXPECT_FALSE(Facts::from_json("[1]"));
  const auto facts = Facts::from_json(
      R"({"fields":{"title":"a\u0000b","evil'key":"x","rate":25,"width":"10"},"tags":[1,"t"],"text":7})");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->fields.at("width"), "10");
  EXPECT_FALSE(facts->fields.contains("evil'key"));
  EXPECT_FALSE(facts->fields.contains("rate"));
  EXPECT_THAT(facts->tags, ElementsAre("t"));
}

TEST(FactsOfAnEngine, SayDatesAndPlacesInOneForm) {
  EXPECT_EQ(iso_date("2026:05:01 12:00:00"), "2026-05-01T12:00:00");
  EXPECT_EQ(iso_date("2026-05-01T12:00:00.123Z"), "2026-05-01T12:00:00Z");
  EXPECT_EQ(iso_date("2026-05-01T12:00:00+0200"), "2026-05-01T12:00:00+02:00");
  EXPECT_EQ(iso_date("2026-05"), "2026-05");
  EXPECT_EQ(iso_date("0000:00:00 00:00:00"), "");
  EXPECT_EQ(position_from_iso6709("+59.9139+010.7522+012.000/").gps, "59.913900,10.752200");
  EXPECT_EQ(position_from_iso6709("+59.9139+010.7522+012.000/").altitude, "12");
  EXPECT_EQ(decimal(25.0), "25");
}

}  // namespace
}  // namespace lensfs::test
