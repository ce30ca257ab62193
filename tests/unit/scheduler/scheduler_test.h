// A library with a store, for tests of what makes renditions.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/job.h"
#include "catalog/model/profile.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"

namespace lensfs::test {

class SchedulerTest : public testing::Test {
 public:
  SchedulerTest();

  // Takes these bytes in as Projects/<project>/<name>; the same name again is a new version.
  AssetId add(const std::string& name, const std::string& bytes,
              const std::string& project = "film", const std::string& kind = "video");
  void ask(AssetId asset, const std::string& profile, Priority priority = Priority::due);

  [[nodiscard]] Catalog& catalog() { return *catalog_; }
  [[nodiscard]] std::filesystem::path library() const { return dir_ / "library"; }
  [[nodiscard]] std::vector<Job> jobs();
  // "thumb of clip.mov" for each job: the profile and the name.
  [[nodiscard]] std::vector<std::string> wanted();
  // The bytes of a rendition of the current version; nothing if there is none.
  [[nodiscard]] std::optional<std::string> rendition(AssetId asset, const std::string& profile);
  [[nodiscard]] Recipe recipe(AssetId asset, const std::string& profile);
  // Files in sessions of staging/, and marks of workers.
  [[nodiscard]] std::vector<std::string> staged_files() const;

  RenditionSettings settings_;

 private:
  TempDir dir_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace lensfs::test
