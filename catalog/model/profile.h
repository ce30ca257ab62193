// Profiles: named recipes per kind of asset, and when their renditions are made. Built in, or of
// lensfs.toml. What a profile means for one asset is a Recipe; how its result is called there is
// rendered_name().
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/model/recipe.h"

namespace lensfs {

// When renditions are made.
enum class Making {
  off,        // never
  on_demand,  // when somebody looks for one by name, or asks
  eager,      // at ingest
};

struct Profile {
  std::string name;
  // What shows an asset to which the profile does not apply, or whose rendition failed.
  enum class Fallback { original, none } fallback = Fallback::original;
  // By kind of asset ("video", "audio", "image", "document", "design"). Of video and edit recipes
  // the format "like" stands for the container that goes with the asset's name.
  std::map<std::string, Recipe, std::less<>> recipes{};
  // Shows every asset as it is.
  [[nodiscard]] bool is_original() const { return recipes.empty(); }
};

// What to make of an asset. Nothing if the profile does not apply to its kind, or if nothing can be
// made of its format at all (plain text, project files of other programs).
[[nodiscard]] std::optional<Recipe> recipe_for(const Profile& profile, std::string_view kind,
                                               std::string_view name);
// The stem of an asset's renditions: that of its name, of a sequence without the frames.
[[nodiscard]] std::string_view rendered_stem(std::string_view name);
// The name of a rendition beside the asset's: the same stem; the same extension too where it names
// the same format ("a.JPEG" for a JPEG) or players look at the content (the QuickTime family), else
// the rendition's own.
[[nodiscard]] std::string rendered_name(std::string_view name, std::string_view extension);
// Every name that a rendition of the asset could have beside it.
[[nodiscard]] std::vector<std::string> possible_names(std::string_view name);

// What stands between the last "@" of a name and its extension: "w800", "h600", "f1234", "p3",
// "01.00.05.12", and of a clip that is to be edited "01.00.05.12+00.00.02.00". The recipe of
// "logo@w800.webp", and "logo", the stem that it is of.
struct SelectedRendition {
  std::string stem;
  Recipe recipe;
};
[[nodiscard]] std::optional<SelectedRendition> selected_rendition(std::string_view name);

class Profiles {
 public:
  // The ladder that is built in, largest first.
  [[nodiscard]] static Profiles built_in();
  [[nodiscard]] const std::vector<Profile>& all() const { return profiles_; }
  [[nodiscard]] const Profile* find(std::string_view name) const;  // null if there is none
  void set(Profile profile);                                       // replaces the one of that name

 private:
  std::vector<Profile> profiles_;
};

// Whether a profile may have the name: what a folder's name may hold, and neither a label nor a
// version nor a date.
[[nodiscard]] Status check_profile_name(std::string_view name);

// Who makes renditions when: [renditions] of lensfs.toml.
struct MakingRules {
  Making by_default = Making::on_demand;
  std::vector<std::string> eager = {"thumb", "edit"};  // profiles that are made at ingest
  struct ForProject {
    std::optional<Making> by_default{};
    std::optional<std::vector<std::string>> eager{};
  };
  std::map<std::string, ForProject, std::less<>> projects{};

  [[nodiscard]] Making making_of(std::string_view project, std::string_view profile) const;
  // Of what has places in all of these: the most that one of them wants. Without any: as the
  // library says.
  [[nodiscard]] Making making_in(const std::vector<std::string>& placed_in,
                                 std::string_view profile) const;
};

// Which renditions that are rendered when they are read are completed while nothing else is to be
// done.
enum class Completing {
  none,
  read,  // those of which somebody read more than a glance
  all,
};

// Indexers, scanners for viruses, searches and backups, as far as known.
[[nodiscard]] std::vector<std::string> programs_that_read_all();

// [renditions]: what of making them is the library's choice.
struct RenditionSettings {
  Profiles profiles{Profiles::built_in()};
  MakingRules making;
  bool reads = true;            // [ingest] read: what files say of themselves
  bool writes_sidecars = true;  // [ingest] sidecars: XMP beside assets follows the catalog
  // A whole one takes gigabytes for an hour of a clip that nobody may look at again, and indexers
  // look at everything: whoever has the room says so.
  Completing complete = Completing::none;
  // Globs of programs (as scratch names) that may not open what is rendered when it is read, until
  // it is whole: they would have it all rendered, though nobody wants to see it.
  std::vector<std::string> refused = programs_that_read_all();
  Nanoseconds wait = 3 * kNanosecondsPerSecond;  // of a look-up for what is being made
  std::int64_t workers = 0;                      // at once; 0: one more than processors
  std::int64_t most_asked = 200;                 // jobs that one user may have asked for at a time
  std::int64_t memory = std::int64_t{2} << 30;   // bytes, of one worker
  std::int64_t output = std::int64_t{64} << 30;  // bytes, of one rendition
  Nanoseconds processor_time = 3600 * 6 * kNanosecondsPerSecond;  // of one source
  Nanoseconds quiet = 120 * kNanosecondsPerSecond;                // without a sign of progress
};

}  // namespace lensfs
