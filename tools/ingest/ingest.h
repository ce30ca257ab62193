// Ingest of files and trees: one walker finds them, several copiers stage and hash them, one
// committer makes them durable and records them, a batch at a time. What is reported as done is on
// disk and in the catalog; a run that ends early, in whatever way, is finished by the next one.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/feed.h"
#include "catalog/model/ids.h"
#include "tools/ingest/source.h"

namespace lensfs {

enum class FileStatus { added, new_version, linked, unchanged, skipped, failed };
[[nodiscard]] const char* name_of(FileStatus status);

// What became of one file (or of a directory that could not be entered).
struct FileEvent {
  FileStatus status = FileStatus::added;
  std::string path = {};   // of the source
  std::string place = {};  // "project/folder/name"; empty when it got none
  std::optional<AssetId> asset = {};
  std::optional<ObjectKey> object = {};
  std::optional<CopyMethod> method = {};
  std::string reason = {};  // skipped and failed: why
  // Of a sequence:
  std::uint64_t files = 1;   // that were found for it
  std::uint64_t frames = 0;  // that it has now
  std::string missing = {};  // missing_frames
};

// Progress: read at any time from any thread.
struct IngestProgress {
  std::atomic<std::uint64_t> files{0};  // done, in whatever way
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> total_files{0};  // counted so far
  std::atomic<std::uint64_t> total_bytes{0};
  std::atomic<bool> counted{false};  // the totals are final
};

// Told of every file after its fate is sealed. Called by one thread at a time.
class IngestObserver {
 public:
  virtual ~IngestObserver() = default;
  virtual void file(const FileEvent& event) = 0;
};

// What runs of numbered pictures become.
enum class Runs { files, sequences };

struct IngestRequest {
  std::vector<std::string> paths = {};  // "d" becomes the folder d, "d/" only its contents
  std::string project = {};             // made if there is none
  std::vector<std::string> tags = {};   // checked terms
  Adopt adopt = Adopt::copy;
  Follow follow = Follow::no;
  Runs runs = Runs::files;
  unsigned jobs = 0;  // copiers; 0: as many as the machine has processors
  enum class Count { no, yes } count = Count::no;  // walk ahead for the totals of `progress`
};

struct IngestSummary {
  std::uint64_t added = 0;
  std::uint64_t new_versions = 0;
  std::uint64_t linked = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t skipped = 0;
  std::uint64_t failed = 0;
  std::uint64_t sequences = 0;      // of all of these
  std::uint64_t known_content = 0;  // of the added: those whose bytes were in the store already
  std::uint64_t bytes = 0;          // read
  bool interrupted = false;
};

// Fails only when nothing can go on (the catalog cannot be written, the store is full); what was
// reported to the observer before that is safe. A file that cannot be read is an event, not a
// failure.
[[nodiscard]] Result<IngestSummary> ingest(Catalog& catalog, const IngestRequest& request,
                                           IngestObserver& observer, IngestProgress& progress,
                                           const std::stop_token& stop);

}  // namespace lensfs
