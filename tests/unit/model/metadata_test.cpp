// Fields, raw attributes, and the notes on requests that were carried out.
#include <gmock/gmock.h>

#include "catalog/model/field.h"
#include "catalog/model/request_log.h"
#include "catalog/model/xattr.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FieldKey, IsOfLettersDigitsAndFewSigns) {
  for (const std::string_view key : {"scene", "rights.expires", "a-b_C9"}) {
    EXPECT_TRUE(check_field_key(key)) << key;
  }
  for (const std::string_view key : {"", ".hidden", "a b", "é", "a/b", "a:b"}) {
    EXPECT_EQ(error_code(check_field_key(key)), Errc::invalid) << key;
  }
  EXPECT_EQ(error_code(check_field_key(std::string(201, 'a'))), Errc::invalid);
}

class Metadata : public ModelTest {
 protected:
  Metadata() : clip_(add("clip.mov")) { static_cast<void>(new_changes()); }

  void set(const std::string& key, std::string_view value) {
    write([&](Transaction& txn) { return set_field(txn, actor_, asset(clip_), key, value); });
  }
  void set_raw(Owner owner, const std::string& name, std::string_view value) {
    write([&](Transaction& txn) { return set_xattr(txn, actor_, owner, name, value); });
  }

  AssetId clip_;
};

TEST_F(Metadata, OfAFieldIsReadBackAndLogged) {
  set("scene", "42");

  const Field field = must(find_field(db(), clip_, "scene"));
  EXPECT_EQ(field.value, "42");
  EXPECT_EQ(field.source, "person");
  EXPECT_THAT(new_changes(), ElementsAre("field_changed asset 1 scene"));
}

TEST_F(Metadata, OfAFieldSetToWhatItIsChangesNothing) {
  set("scene", "42");
  const Nanoseconds changed = asset(clip_).changed;
  static_cast<void>(new_changes());

  set("scene", "42");

  EXPECT_THAT(new_changes(), IsEmpty());
  EXPECT_EQ(asset(clip_).changed, changed);
}

TEST_F(Metadata, OfAFieldIsReplacedAndListedByKey) {
  set("take", "1");
  set("scene", "42");
  set("take", "2");

  std::vector<std::string> found;
  for (const Field& field : must(fields_of(db(), clip_))) {
    found.push_back(field.key + "=" + field.value);
  }

  EXPECT_THAT(found, ElementsAre("scene=42", "take=2"));
}

TEST_F(Metadata, OfAFieldThatIsNoTextIsRefusedAndLeavesTheOldOne) {
  set("scene", "42");

  EXPECT_THROW(set("scene", std::string_view("a\0b", 3)), std::runtime_error);
  EXPECT_THROW(set("scene", "\xff"), std::runtime_error);
  EXPECT_THROW(set("scene", std::string(65537, 'x')), std::runtime_error);

  EXPECT_EQ(must(find_field(db(), clip_, "scene")).value, "42");
}

TEST_F(Metadata, OfAFieldIsGoneOnceRemoved) {
  set("scene", "42");
  const auto remove = [&](Transaction& txn) {
    return remove_field(txn, actor_, asset(clip_), "scene");
  };

  write(remove);

  EXPECT_EQ(error_code(find_field(db(), clip_, "scene")), Errc::not_found);
  EXPECT_THROW(write(remove), std::runtime_error);
}

TEST_F(Metadata, OfARawAttributeIsKeptByteForByte) {
  std::string bytes;
  for (int i = 0; i < 65536; ++i) bytes += static_cast<char>(i * 7);
  const Owner owner{.kind = OwnerKind::asset, .id = number(clip_)};

  set_raw(owner, "user.raw\xff", bytes);
  set_raw(owner, "user.empty", "");

  EXPECT_EQ(must(find_xattr(db(), owner, "user.raw\xff")), bytes);
  EXPECT_EQ(must(find_xattr(db(), owner, "user.empty")), "");
  EXPECT_THAT(must(xattr_names(db(), owner)), ElementsAre("user.empty", "user.raw\xff"));
  EXPECT_THROW(set_raw(owner, "user.raw", bytes + "x"), std::runtime_error);
}

TEST_F(Metadata, OfARawAttributeBelongsToItsOwnerAlone) {
  const Project project =
      write([&](Transaction& txn) { return add_project(txn, actor_, {.name = "film"}); });
  const Owner asset_owner{.kind = OwnerKind::asset, .id = 1};
  const Owner folder_owner{.kind = OwnerKind::folder, .id = number(project.folder)};
  const Owner fixed_owner{.kind = OwnerKind::fixed, .id = 1};
  static_cast<void>(new_changes());

  set_raw(asset_owner, "user.a", "1");
  set_raw(folder_owner, "user.a", "2");
  set_raw(fixed_owner, "user.a", "3");

  EXPECT_EQ(must(find_xattr(db(), asset_owner, "user.a")), "1");
  EXPECT_EQ(must(find_xattr(db(), folder_owner, "user.a")), "2");
  EXPECT_EQ(must(find_xattr(db(), fixed_owner, "user.a")), "3");
  EXPECT_THAT(new_changes(), ElementsAre("xattr_changed asset 1 user.a",
                                         "xattr_changed folder 1 user.a", "xattr_changed user.a"));
}

TEST_F(Metadata, OfARawAttributeThatIsNotSetIsNoAttribute) {
  const Owner owner{.kind = OwnerKind::asset, .id = number(clip_)};

  EXPECT_EQ(error_code(find_xattr(db(), owner, "user.none")), Errc::no_attribute);
  EXPECT_THROW(
      write([&](Transaction& txn) { return remove_xattr(txn, actor_, owner, "user.none"); }),
      std::runtime_error);
}

class Requests : public ModelTest {
 protected:
  void note(const std::string& mount, std::int64_t request) {
    write([&](Transaction& txn) { return note_done(txn, {.mount = mount, .request = request}); });
  }
  bool done(const std::string& mount, std::int64_t request) {
    return must(is_done(db(), {.mount = mount, .request = request, .resent = true}));
  }
};

TEST_F(Requests, AreDoneWhenTheyComeAgain) {
  note("m", 7);

  EXPECT_TRUE(done("m", 7));
  EXPECT_FALSE(done("m", 8));
  EXPECT_FALSE(done("other", 7));
}

TEST_F(Requests, AreNotLookedUpTheFirstTime) {
  note("m", 7);

  EXPECT_FALSE(must(is_done(db(), {.mount = "m", .request = 7})));
}

TEST_F(Requests, AreForgottenOnceTheyAreMuchOlderThanTheNewest) {
  note("m", 7);
  note("other", 7);

  const std::int64_t much_later = 1024 * 2048;  // they are removed now and then
  note("m", much_later);

  EXPECT_FALSE(done("m", 7));
  EXPECT_TRUE(done("m", much_later));
  EXPECT_TRUE(done("other", 7));
}

TEST_F(Requests, OfAMountThatEndedAreForgotten) {
  note("m", 7);
  note("other", 7);

  write([&](Transaction& txn) { return forget_requests(txn, "m"); });

  EXPECT_FALSE(done("m", 7));
  EXPECT_TRUE(done("other", 7));
}

}  // namespace
}  // namespace lensfs::test
