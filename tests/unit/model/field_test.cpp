#include "catalog/model/field.h"

#include <gmock/gmock.h>

#include "catalog/model/search.h"
#include "catalog/model/text_index.h"
#include "tests/unit/model/model_test.h"
#include "tests/unit/model/random_library.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

class Fields : public ModelTest {
 protected:
  void set(const std::string& key, const std::string& value,
           FieldSource source = FieldSource::person) {
    write(
        [&](Transaction& txn) { return set_field(txn, actor_, asset(clip_), key, value, source); });
  }
  void read_from(FieldSource source, const FieldValues& values) {
    write([&](Transaction& txn) {
      return replace_fields(txn, actor_, asset(clip_), source, values);
    });
  }
  void remove(const std::string& key) {
    write([&](Transaction& txn) { return remove_field(txn, actor_, asset(clip_), key); });
  }
  std::string get(const std::string& key) {
    const auto field = find_field(db(), clip_, key);
    return field ? field->value + " (" + field->source + ")" : "none";
  }
  bool finds(const std::string& query) {
    SqlSets sets;
    return must(evaluate(db(), sets, must(parse_query(query))))->contains(clip_);
  }

  AssetId clip_ = add("clip.mov");
};

TEST_F(Fields, KeepWhatAPersonWroteWhenTheFileIsReadAgain) {
  read_from(FieldSource::file, {{"title", "DSC_1"}, {"iso", "100"}});
  set("title", "Sunrise");
  read_from(FieldSource::file, {{"title", "DSC_2"}, {"iso", "200"}});

  EXPECT_EQ(get("title"), "Sunrise (person)");
  EXPECT_EQ(get("iso"), "200 (file)");
}

TEST_F(Fields, ShowTheFilesValueAgainWhenAPersonTakesTheirsAway) {
  set("title", "Sunrise");
  read_from(FieldSource::file, {{"title", "DSC_1"}});
  read_from(FieldSource::sidecar, {{"title", "Dawn"}});
  EXPECT_EQ(get("title"), "Sunrise (person)");

  remove("title");
  EXPECT_EQ(get("title"), "Dawn (sidecar)");
  read_from(FieldSource::sidecar, {});
  EXPECT_EQ(get("title"), "DSC_1 (file)");
  read_from(FieldSource::file, {});
  EXPECT_EQ(get("title"), "none");
}

TEST_F(Fields, LogOneChangeForAllThatAFileSaysAndNoneForTheSameAgain) {
  static_cast<void>(new_changes());
  read_from(FieldSource::file, {{"title", "a"}, {"iso", "100"}, {"lens", "50mm"}});
  EXPECT_EQ(new_changes().size(), 1U);
  read_from(FieldSource::file, {{"title", "a"}, {"iso", "100"}, {"lens", "50mm"}});
  EXPECT_TRUE(new_changes().empty());
}

TEST_F(Fields, TakeOneSpellingOfEachKind) {
  const auto kept = [&](const std::string& key, const std::string& value) {
    set(key, value);
    return must(find_field(db(), clip_, key)).value;
  };
  EXPECT_EQ(kept("shot", "2026:05:01 12:30:00+02:00"), "2026-05-01T12:30:00+02:00");
  EXPECT_EQ(kept("duration", "1m30s"), "90");
  EXPECT_EQ(kept("duration", "00:01:30.5"), "90.5");
  EXPECT_EQ(kept("timecode", "01.00.05.12"), "01:00:05:12");
  EXPECT_EQ(kept("rating", "3.5"), "3.5");
  EXPECT_EQ(kept("good", "TRUE"), "yes");
  EXPECT_EQ(kept("keywords", " sun ;rain,,sun"), "sun, rain");
}

TEST_F(Fields, RefuseWhatIsNoneOfTheirKindAndKeepTheOldValue) {
  set("shot", "2026-05-01");
  const auto refused = [&](const std::string& key, const std::string& value) {
    const Status status = try_write(
        [&](Transaction& txn) { return set_field(txn, actor_, asset(clip_), key, value); });
    return status ? std::string("taken") : status.error().message();
  };
  EXPECT_THAT(refused("shot", "soon"), HasSubstr("give a date such as 2026-05-01"));
  EXPECT_THAT(refused("shot", "2026-02-30"), HasSubstr("give a date"));
  EXPECT_THAT(refused("rating", "6"), HasSubstr("0 to 5 stars"));
  EXPECT_THAT(refused("width", "wide"), HasSubstr("give a number"));
  EXPECT_THAT(refused("duration", "inf"), HasSubstr("give a duration"));
  EXPECT_EQ(get("shot"), "2026-05-01 (person)");
}

TEST_F(Fields, OfAVocabularyTakeTheChoicesOnly) {
  write([&](Transaction& txn) {
    return declare_field(
        txn, {.key = "status", .form = FieldForm::vocabulary, .choices = {"Draft", "Approved"}});
  });
  set("status", "approved");
  EXPECT_EQ(get("status"), "Approved (person)");
  const Status refused = try_write(
      [&](Transaction& txn) { return set_field(txn, actor_, asset(clip_), "status", "done"); });
  EXPECT_THAT(refused.error().message(), HasSubstr("there are Draft, Approved"));
}

TEST_F(Fields, AreComparedAsWhatTheyAre) {
  set("shot", "2026-05-15T12:00:00Z");
  set("duration", "95");
  set("take", "7");
  set("height", "1080");
  EXPECT_TRUE(finds("shot>2026-05-01 shot<2026-06 shot:2026-05 shot:2026-05-15"));
  EXPECT_FALSE(finds("shot>2026-05"));
  EXPECT_FALSE(finds("shot>2026-05-15"));
  EXPECT_TRUE(finds("shot>=2026-05-15"));
  EXPECT_TRUE(finds("duration>1m30s duration<=00:01:35"));
  EXPECT_TRUE(finds("height>=720 height:720..2160"));
  EXPECT_FALSE(finds("height>9000"));
  EXPECT_TRUE(finds("take>3"));
}

TEST_F(Fields, AreFoundByTheWordsOfTheirTexts) {
  set("description", "Runners on the Champs-Élysées");
  EXPECT_TRUE(finds("text:elysees"));
  EXPECT_TRUE(finds("text:\"champs elysees\""));
  EXPECT_TRUE(finds("runners"));
  EXPECT_TRUE(finds("text:run*"));
  EXPECT_FALSE(finds("text:run"));
  EXPECT_TRUE(finds("stem:runner"));
  EXPECT_FALSE(finds("text:\"elysees champs\""));
  EXPECT_FALSE(finds("text:!!!"));
  remove("description");
  EXPECT_FALSE(finds("runners"));
}

TEST_F(Fields, DeclaredInTheSettingsAreExactlyThose) {
  const std::vector<FieldType> types = {{.key = "desk", .form = FieldForm::text}};
  write([&](Transaction& txn) {
    return declare_field(txn, {.key = "mine", .form = FieldForm::date});
  });
  EXPECT_TRUE(must(settings_fields_differ(db(), types)));
  write([&](Transaction& txn) { return declare_settings_fields(txn, types); });
  EXPECT_FALSE(must(settings_fields_differ(db(), types)));
  write([&](Transaction& txn) { return declare_settings_fields(txn, {}); });
  ASSERT_EQ(must(declared_fields(db())).size(), 1U);
  EXPECT_EQ(must(declared_fields(db())).front().key, "mine");
}

}  // namespace
}  // namespace lensfs::test
