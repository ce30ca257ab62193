// Every statement of the model must find its rows by an index. One that reads a whole table says
// why, in a comment that starts with SCAN.
#include <gtest/gtest.h>

#include "catalog/model/access_state.h"
#include "catalog/model/edit.h"
#include "catalog/model/field.h"
#include "catalog/model/file.h"
#include "catalog/model/history.h"
#include "catalog/model/job.h"
#include "catalog/model/label.h"
#include "catalog/model/marker.h"
#include "catalog/model/originals.h"
#include "catalog/model/purge.h"
#include "catalog/model/request_log.h"
#include "catalog/model/search.h"
#include "catalog/model/sequence.h"
#include "catalog/model/taxonomy.h"
#include "catalog/model/term_links.h"
#include "catalog/model/trash.h"
#include "catalog/model/usage.h"
#include "catalog/model/xattr.h"
#include "tests/unit/model/model_test.h"

namespace lensfs::test {
namespace {

struct Plan {
  std::string step;
  static Plan from(const Row& row) { return {row.get<std::string>(3)}; }
};

class Statements : public ModelTest {
 protected:
  Status use_sequences(Transaction& txn, FolderId folder) {
    Database& db = txn.db();
    std::vector<NewFrame> frames;
    for (int n = 1; n <= 3; ++n) {
      frames.push_back({static_cast<FrameNumber>(n), object_number(10 + n), 0,
                        "s." + std::to_string(n) + ".exr"});
    }
    LENSFS_TRY(const PlannedSequence planned, plan_sequence(db, folder, frames));
    LENSFS_TRY(const Ingested made,
               put_sequence(txn, actor_, planned, object_number(20), {.reason = "make"}));
    LENSFS_TRY(const Asset sequence, find_asset(db, made.asset));
    LENSFS_CHECK(all_sequences(db));
    LENSFS_CHECK(find_frame(db, sequence.version, "s.1.exr"));
    LENSFS_CHECK(hide_frame(txn, actor_, sequence, FrameNumber{1}));
    LENSFS_CHECK(restore_version(txn, actor_, find_version(db, sequence.version).value()));
    LENSFS_CHECK(recipe_for(db,
                            {.name = "p", .recipes = {{"video", {.form = Recipe::Form::video}}}},
                            sequence, sequence.name));
    return split_sequence(txn, actor_, sequence).map([](std::uint64_t) {});
  }

  Status use_access(Transaction& txn, const Project& project, const Asset& asset) {
    Database& db = txn.db();
    LENSFS_CHECK(set_role(txn, actor_, "editor", "user:0"));
    LENSFS_CHECK(all_roles(db));
    const AccessScope folder{AccessScope::Kind::folder, number(project.folder)};
    const AccessScope own{AccessScope::Kind::asset, number(asset.id)};
    for (const AccessScope scope : {AccessScope{}, folder, own}) {
      LENSFS_CHECK(set_access_rule(txn, actor_, scope, "other=read"));
      LENSFS_CHECK(find_access_rule(db, scope));
    }
    LENSFS_TRY(const Tag tag, ensure_tag(txn, actor_, "guarded"));
    LENSFS_CHECK(
        set_access_rule(txn, actor_, {AccessScope::Kind::tag, number(tag.id)}, "other=read"));
    LENSFS_TRY(const AccessState state, load_access_state(db));
    LENSFS_TRY(const FolderId made, add_folder(txn, actor_, project.folder, {.name = "ruled"}));
    LENSFS_CHECK(add_place(txn, actor_, made, asset.id, {.name = "ruled.mov"}));
    LENSFS_CHECK(add_tag(txn, actor_, asset, "guarded/more"));
    LENSFS_TRY(std::vector<Change> changes, changes_after(db, ChangeId{0}, 10'000));
    std::erase_if(changes,
                  [](const Change& change) { return change.kind == ChangeKind::access_changed; });
    LENSFS_CHECK(access_state_after(db, state, changes));
    LENSFS_CHECK(terms_taken_off(db, ChangeId{0}));
    LENSFS_CHECK(is_on_anything(db, tag.id));
    return clear_access_rule(txn, actor_, own);
  }

  Status use_rows(Transaction& txn, const Project& project, const Asset& asset) {
    Database& db = txn.db();
    LENSFS_TRY(const FolderId folder, add_folder(txn, actor_, project.folder, {.name = "f"}));
    LENSFS_CHECK(add_place(txn, actor_, folder, asset.id, {.name = "a.mov"}));
    LENSFS_CHECK(
        add_version(txn, actor_, asset.id, {.object = object_number(2), .reason = "save"}));
    LENSFS_CHECK(find_project(db, "film"));
    LENSFS_CHECK(all_projects(db));
    LENSFS_CHECK(find_subfolder(db, project.folder, "f"));
    LENSFS_CHECK(subfolders_of(db, project.folder));
    LENSFS_CHECK(count_subfolders(db, project.folder));
    LENSFS_CHECK(find_place(db, folder, "a.mov"));
    LENSFS_CHECK(find_placed(db, folder, "a.mov"));
    LENSFS_CHECK(places_of(db, asset.id));
    LENSFS_CHECK(each_place(db, folder, [](const PlacedAsset&) {}));
    LENSFS_CHECK(each_listed_place(db, folder, [](const ListedPlace&) {}));
    LENSFS_CHECK(each_listed_asset(db, std::vector{asset.id}, [](const ListedAsset&) {}));
    LENSFS_CHECK(path_of(db, folder));
    LENSFS_CHECK(assets_by_name_key(db, "a.mov"));
    LENSFS_CHECK(versions_of(db, asset.id));
    LENSFS_CHECK(find_version(db, asset.version));
    LENSFS_CHECK(object_of(db, asset.version));
    LENSFS_CHECK(any_object_of_size(db, 1));
    LENSFS_CHECK(is_object_named(db, object_number(1)));
    LENSFS_CHECK(uses_of_object(db, object_number(1)));
    LENSFS_CHECK(each_object_row(db, [](const ObjectKey&) -> Status { return {}; }));
    LENSFS_CHECK(use_sequences(txn, folder));
    return forget_object(txn, object_number(3));
  }

  Status use_tags(Transaction& txn, const Asset& asset) {
    Database& db = txn.db();
    LENSFS_CHECK(add_tag(txn, actor_, asset, "place/oslo"));
    LENSFS_CHECK(replace_tags(txn, actor_, asset, {"place", "beach"}));
    LENSFS_CHECK(remove_tag(txn, actor_, asset, "beach"));
    LENSFS_TRY(const Tag tag, find_tag(db, "place/oslo"));
    LENSFS_CHECK(all_tags(db));
    LENSFS_CHECK(subterms_of(db, tag.parent));
    LENSFS_CHECK(family_of(db, tag.id));
    LENSFS_CHECK(ancestors_of(db, tag.id));
    LENSFS_CHECK(meaning_of(db, tag.id));
    LENSFS_CHECK(shown_in(db, tag.id));
    LENSFS_CHECK(add_synonym(txn, actor_, "place/oslo", "christiania"));
    LENSFS_CHECK(add_implication(txn, actor_, "place/oslo", "norway"));
    LENSFS_CHECK(taxonomy_text(db));
    LENSFS_CHECK(rename_term(txn, actor_, "place/oslo", "norway"));
    LENSFS_CHECK(remove_synonym(txn, actor_, "Christiania"));
    LENSFS_CHECK(changes_after(db, ChangeId{0}, 10));
    LENSFS_CHECK(last_change(db));
    return {};
  }

  Status use_metadata(Transaction& txn, const Asset& asset) {
    Database& db = txn.db();
    LENSFS_CHECK(set_field(txn, actor_, asset, "scene", "1"));
    LENSFS_CHECK(find_field(db, asset.id, "scene"));
    LENSFS_CHECK(fields_of(db, asset.id));
    LENSFS_CHECK(set_field(txn, actor_, asset, "take", "1"));
    LENSFS_CHECK(set_field(txn, actor_, asset, "take", "2", FieldSource::file));
    LENSFS_CHECK(remove_field(txn, actor_, asset, "take"));
    LENSFS_CHECK(replace_fields(txn, actor_, asset, FieldSource::file, {{"iso", "100"}}));
    LENSFS_CHECK(hidden_fields_of(db, asset.id));
    LENSFS_CHECK(declare_field(txn, {.key = "take", .form = FieldForm::number}));
    LENSFS_CHECK(declare_settings_fields(txn, {{.key = "good", .form = FieldForm::boolean}}));
    LENSFS_CHECK(settings_fields_differ(db, {}));
    LENSFS_CHECK(forget_field(txn, "take"));
    LENSFS_TRY(const MarkerId marker, add_marker(txn, actor_, asset, {.name = "goal"}));
    LENSFS_CHECK(markers_saying(db, "goal"));
    LENSFS_CHECK(clock_of(db, asset.id));
    LENSFS_CHECK(remove_marker(txn, actor_, marker));
    LENSFS_CHECK(replace_markers(txn, actor_, asset, {}));
    for (const char* query :
         {"size>1 added:today modified<2026 version>1 author:a", "is:untagged",
          "has:label has:marker has:project has:text has:proxy has:scene",
          "like:clip stem:running marker:goal scene>1 scene:1", "lastused>2026 is:unused"}) {
      SqlSets sets;
      LENSFS_TRY(const Query parsed, parse_query(query));
      for (const Query& term : parsed.parts.empty() ? std::vector{parsed} : parsed.parts) {
        LENSFS_CHECK(evaluate(db, sets, term));
      }
    }
    for (const OwnerKind kind : {OwnerKind::asset, OwnerKind::folder}) {
      const Owner owner{.kind = kind, .id = 1};
      LENSFS_CHECK(set_xattr(txn, actor_, owner, "user.a", "1"));
      LENSFS_CHECK(find_xattr(db, owner, "user.a"));
      LENSFS_CHECK(xattr_names(db, owner));
      LENSFS_CHECK(remove_xattr(txn, actor_, owner, "user.a"));
    }
    LENSFS_CHECK(note_done(txn, {.mount = "m", .request = 1}));
    LENSFS_CHECK(is_done(db, {.mount = "m", .request = 1, .resent = true}));
    return forget_requests(txn, "m");
  }

  Status use_history(Transaction& txn, const Project& project, const Asset& asset) {
    Database& db = txn.db();
    const Nanoseconds at = txn.now();
    const Folder folder = must(subfolders_of(db, project.folder)).front();
    LENSFS_CHECK(last_moment(db));
    LENSFS_CHECK(project_folders_at(db, at));
    LENSFS_CHECK(subfolders_at(db, project.folder, at));
    LENSFS_CHECK(folder_at(db, folder.id, at));
    EXPECT_EQ(error_code(folder_at(db, FolderId{999}, at)), Errc::not_found);
    EXPECT_EQ(error_code(find_folder_at(db, project.folder, "none", at)), Errc::not_found);
    LENSFS_CHECK(places_at(db, folder.id, at));
    EXPECT_EQ(error_code(find_place_at(db, folder.id, "none", at)), Errc::not_found);
    EXPECT_EQ(error_code(last_asset_at(db, folder.id, "none")), Errc::not_found);
    Asset renamed = asset;
    renamed.name = "none";
    LENSFS_CHECK(flat_name_at(db, renamed, at));
    LENSFS_CHECK(was_deleted_at(db, asset.id, at));
    LENSFS_TRY(const Version version, version_at(db, asset.id, at));
    LENSFS_CHECK(find_version(db, asset.id, 1));
    LENSFS_CHECK(end_of(db, version));
    LENSFS_CHECK(moments_of(db, folder.id, 10));
    LENSFS_CHECK(moments_of_all(db, 10));
    LENSFS_CHECK(subterms_at(db, std::nullopt, at));
    EXPECT_EQ(error_code(tag_at(db, TagId{999}, at)), Errc::not_found);
    EXPECT_EQ(error_code(find_subterm_at(db, std::nullopt, "none", at)), Errc::not_found);
    LENSFS_CHECK(tags_at(db, asset.id, at));
    LENSFS_TRY(const Tag tag, find_tag(db, "place"));
    LENSFS_TRY(const AssetSet members, members_at(db, tag.id, at));
    LENSFS_CHECK(moments_of(db, members, 10));
    LENSFS_CHECK(set_label(txn, actor_, version, "approved"));
    LENSFS_CHECK(all_labels(db));
    LENSFS_CHECK(is_label(db, "approved"));
    LENSFS_CHECK(labels_of(db, asset.id));
    LENSFS_CHECK(labelled_version(db, asset.id, "approved"));
    LENSFS_CHECK(labelled_assets(db, "approved"));
    LENSFS_CHECK(remove_label(txn, actor_, asset.id, "approved"));
    LENSFS_CHECK(ensure_tag(txn, actor_, "there/oslo"));
    LENSFS_CHECK(rename_term(txn, actor_, "place", "there"));
    LENSFS_CHECK(rename_term(txn, actor_, "there", "where"));
    LENSFS_CHECK(ensure_tag(txn, actor_, "unused"));
    LENSFS_CHECK(remove_term(txn, actor_, "unused"));
    return rename_term(txn, actor_, "where", "place");
  }

  Status use_purging(Transaction& txn, const Project& project, const Asset& asset) {
    Database& db = txn.db();
    LENSFS_CHECK(forget_lost_files(txn, INT64_MAX));
    LENSFS_CHECK(each_lost_file(db, [](const LostFile&) {}));
    LENSFS_CHECK(
        add_version(txn, actor_, asset.id, {.object = object_number(90), .reason = "save"}));
    LENSFS_CHECK(
        add_version(txn, actor_, asset.id, {.object = object_number(91), .reason = "save"}));
    LENSFS_CHECK(forget_lost_files(txn, INT64_MAX));
    const KeepSettings keep{.trash = 0, .versions = 1, .versions_for = 0};
    LENSFS_TRY(const PurgePlan plan, plan_of(db, keep, txn.now() + 1));
    LENSFS_CHECK(sum_of(db, plan));
    LENSFS_CHECK(purgeable_versions(db, asset.id, {.replaced_before = txn.now()}));
    LENSFS_TRY(const Version version, find_version(db, asset.id, 2));
    LENSFS_CHECK(set_label(txn, actor_, version, "approved"));
    LENSFS_CHECK(purge_version(txn, actor_, version, VersionRule::Labelled::go));
    const Folder folder = must(subfolders_of(db, project.folder)).front();
    LENSFS_CHECK(remove_file(txn, actor_, folder.id, "a.mov", Writing::no));
    LENSFS_CHECK(plan_of(db, keep, txn.now() + 1));
    LENSFS_CHECK(objects_only_of(db, asset.id));
    LENSFS_TRY(const Asset trashed, find_asset(db, asset.id));
    return purge(txn, actor_, trashed);
  }

  static Status use_renditions(Transaction& txn, const Asset& asset) {
    Database& db = txn.db();
    LENSFS_TRY(const Version version, find_version(db, asset.version));
    const NewJob wanted{.source = version.object, .recipe = {}, .kind = "video", .name = "a.mov"};
    const auto together = [](const Job&, const Job&) { return true; };
    LENSFS_CHECK(ask_for(txn, wanted, Again::yes));
    LENSFS_CHECK(originals_of(db, std::vector{asset.file, FileId{4711}}));
    LENSFS_TRY(const std::vector<Job> jobs, claim_jobs(txn, "w", together));
    LENSFS_CHECK(note_progress(txn, jobs.front().id, 5));
    LENSFS_CHECK(fail_job(txn, jobs.front(), "why", ForGood::no));
    LENSFS_CHECK(fail_job(txn, jobs.front(), "why", ForGood::yes));
    LENSFS_CHECK(retry_failed(txn));
    LENSFS_CHECK(retry_failed(txn, jobs.front().id));
    LENSFS_CHECK(claim_jobs(txn, "w", together));
    LENSFS_CHECK(give_back_jobs(txn, "w"));
    LENSFS_CHECK(return_jobs(txn, "w"));
    LENSFS_CHECK(workers_with_jobs(db));
    LENSFS_CHECK(all_jobs(db));
    LENSFS_CHECK(jobs_of(db, version.object));
    LENSFS_CHECK(find_job(db, jobs.front().id));
    LENSFS_CHECK(jobs_of_user(db, 0));
    LENSFS_CHECK(count_jobs(db));
    LENSFS_CHECK(sources_of_jobs(db, 2));
    LENSFS_CHECK(next_due(db, 0));
    LENSFS_CHECK(any_pending(db));
    LENSFS_CHECK(pending_jobs(db));
    LENSFS_CHECK(note_planned(txn, ChangeId{1}));
    LENSFS_CHECK(planned_until(db));
    LENSFS_TRY(const RecipeId recipe, recipe_row(txn, wanted.recipe));
    LENSFS_CHECK(find_job(db, version.object, recipe));
    LENSFS_CHECK(standings_of(db, std::vector{version.object}, recipe));
    LENSFS_CHECK(recipe_of(db, recipe));
    LENSFS_CHECK(add_rendition(txn, version.object, recipe,
                               {.object = object_number(80), .extension = "jpg"}));
    LENSFS_TRY(const auto ready, find_rendition(db, version.object, recipe));
    LENSFS_CHECK(find_rendition(db, ready->id));
    LENSFS_CHECK(renditions_of(db, version.object));
    LENSFS_CHECK(object_of(db, *ready));
    LENSFS_CHECK(each_asset_of_object(db, version.object, [](AssetId) {}));
    LENSFS_CHECK(remove_rendition(txn, *ready));
    return drop_job(txn, jobs.front().id);
  }

  static Status use_usage(Transaction& txn, const Asset& asset) {
    Database& db = txn.db();
    const auto all = [](const Use&) { return true; };
    LENSFS_TRY(const UseId id, add_use(txn, {.asset = asset.id, .program = "cat"}));
    LENSFS_CHECK(update_use(txn, {.id = id}));
    LENSFS_CHECK(note_used(txn, asset.id, 1, 1));
    LENSFS_CHECK(usage_of(db, asset.id));
    LENSFS_CHECK(each_use_backward(db, 0, 10, all));
    LENSFS_CHECK(each_use_of(db, asset.id, all));
    LENSFS_CHECK(each_change_backward(db, [](const Change&) { return true; }));
    LENSFS_CHECK(each_change_of(db, asset.id, [](const Change&) { return true; }));
    LENSFS_CHECK(count_uses(db, 10));
    LENSFS_TRY([[maybe_unused]] const std::int64_t gone, forget_uses(txn, 10, 1));
    return {};
  }

  static Status use_sets(Database& db) {
    SqlSets sets;
    for (const char* text :
         {"tag:place", "project:film", "kind:video", "ext:mov", "name:a*", "name:a.mov", "scene:1",
          "not place", "tag:place kind:video size>1 added>2020"}) {
      LENSFS_TRY(const Query query, parse_query(text));
      LENSFS_CHECK(evaluate(db, sets, query));
    }
    LENSFS_TRY(const SharedSet all, sets.all(db));
    LENSFS_CHECK(facets_of(db, sets, *all));
    LENSFS_CHECK(nameless_assets(db));
    LENSFS_CHECK(aside_in_term(db, TagId{1}));
    AssetSet small;
    small.add(AssetId{1});
    for (const char* facet : {"tag", "project", "kind", "ext", "scene"}) {
      LENSFS_CHECK(facet_values(db, sets, *all, facet));
      LENSFS_CHECK(facet_values(db, sets, small, facet));
    }
    return {};
  }

  // Every statement that using the whole model prepared.
  std::vector<std::string> statements() {
    const AssetId id = add("a.mov");
    for (int i = 0; i < 20; ++i) add("b.mov");
    write([&](Transaction& txn) -> Status {
      for (int i = 0; i < 300; ++i) {
        LENSFS_TRY(const Asset last, find_asset(txn.db(), AssetId{1 + i % 21}));
        LENSFS_CHECK(set_field(txn, actor_, last, "many", "v" + std::to_string(i)));
      }
      return {};
    });
    return write([&](Transaction& txn) -> Result<std::vector<std::string>> {
      LENSFS_TRY(const Project project, add_project(txn, actor_, {.name = "film"}));
      LENSFS_TRY(const Asset asset, find_asset(txn.db(), id));
      LENSFS_CHECK(use_rows(txn, project, asset));
      LENSFS_TRY(const Asset other, find_asset(txn.db(), AssetId{2}));
      LENSFS_CHECK(use_access(txn, project, other));
      LENSFS_CHECK(use_tags(txn, asset));
      LENSFS_CHECK(use_history(txn, project, asset));
      LENSFS_CHECK(use_metadata(txn, asset));
      LENSFS_CHECK(use_usage(txn, asset));
      LENSFS_CHECK(use_sets(txn.db()));
      LENSFS_CHECK(use_renditions(txn, asset));
      LENSFS_CHECK(use_purging(txn, project, asset));
      return txn.db().statements();
    });
  }
};

bool has_plan(const std::string& sql) {
  for (const char* verb : {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE"}) {
    if (sql.starts_with(verb)) return true;
  }
  return false;
}

TEST_F(Statements, FindTheirRowsByAnIndexOrSayWhyNot) {
  int read = 0;
  for (const std::string& sql : statements()) {
    if (!has_plan(sql)) continue;
    ++read;
    must(db().each<Plan>("EXPLAIN QUERY PLAN " + sql, [&](const Plan& plan) {
      const bool scans = plan.step.starts_with("SCAN") && plan.step != "SCAN CONSTANT ROW";
      EXPECT_TRUE(!scans || sql.find("/* SCAN: ") != std::string::npos) << plan.step << "\n" << sql;
    }));
  }

  EXPECT_GT(read, 90);
}

}  // namespace
}  // namespace lensfs::test
