// Sequences: numbered pictures that are one asset. A version of it has frames, which are objects
// of their own; its own object is the manifest, which says the same as text (store/FORMAT.md).
//
// A sequence is an asset of kind "sequence" and type S_IFDIR: where it shows it is a folder.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/frame_name.h"
#include "catalog/model/ingest.h"
#include "catalog/model/profile.h"
#include "catalog/store/store.h"

namespace lensfs {

[[nodiscard]] bool is_sequence(const Asset& asset);

struct Frame {
  FrameNumber number{};
  ObjectId object{};
  std::int64_t size = 0;
  Nanoseconds mtime = 0;
  std::string name;
  bool hidden = false;  // deleted in the sequence's folder; the version has it all the same
  static Frame from(const Row& row);
};
[[nodiscard]] Result<Frame> find_frame(Database& db, VersionId version, FrameNumber frame);
// The one of this name.
[[nodiscard]] Result<Frame> find_frame(Database& db, VersionId version, std::string_view name);
// By number, the hidden ones included.
[[nodiscard]] Result<std::vector<Frame>> frames_of(Database& db, VersionId version);
[[nodiscard]] Result<ObjectKey> object_of(Database& db, const Frame& frame);
// The sequence in a folder to which a frame of this name belongs, whether it has that frame or not.
[[nodiscard]] Result<PlacedAsset> find_sequence(Database& db, FolderId folder,
                                                const FrameName& frame);

// All that are not deleted, oldest first.
[[nodiscard]] Result<std::vector<Asset>> all_sequences(Database& db);

// What a profile makes of an asset (recipe_for), a sequence at the rate that its field "fps" says:
// "24", "23.976"; at 25 where that says nothing.
[[nodiscard]] Result<std::optional<Recipe>> recipe_for(Database& db, const Profile& profile,
                                                       const Asset& asset, std::string_view name);

// --- making
struct NewFrame {
  FrameNumber number{};
  ObjectKey object;
  Nanoseconds mtime = 0;
  std::string name;  // legal spelling
};
// PlannedSequence: what a folder's sequence is to be; found by reading alone, so that the manifest
// can be stored before the transaction.
struct PlannedSequence {
  FolderId folder{};
  std::string name{};
  std::vector<NewFrame> frames{};  // by number
  std::optional<Asset> before{};   // the one that is there already; it gets a version
  std::string name_before{};       // of its place
  [[nodiscard]] std::string manifest() const;
  [[nodiscard]] std::string missing() const;  // missing_frames
};
// What a manifest says; times are not in it. corrupt.
[[nodiscard]] Result<std::vector<NewFrame>> frames_in_manifest(std::string_view text);
// The same of an object's file; corrupt also where it names no frame.
[[nodiscard]] Result<std::vector<NewFrame>> read_manifest(int file);
// The frames that are given, of one head and extension, and those that the folder's sequence has
// beside them. At least one.
[[nodiscard]] Result<PlannedSequence> plan_sequence(Database& db, FolderId folder,
                                                    std::vector<NewFrame> frames);
// Puts the manifest into the store; the caller holds that (Store::hold) until the commit and calls
// Store::sync before it.
[[nodiscard]] Result<ObjectKey> keep_manifest(Store& store, const PlannedSequence& planned,
                                              const std::stop_token& stop = {});
struct SequenceOwner {
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t mode = 0;  // of its files; a folder may be entered by whoever may read them
  std::string reason;     // "ingest", "make"
};
// Makes it, or the next version of the one that is there. Files of the folder that are frames of it
// with the same bytes are taken into it: their tags become its own, their places go. A file that
// has older versions, labels or fields of its own goes to the trash with them; of any other nothing
// is lost with its row. changed if the folder's sequence is not what it was when it was planned.
[[nodiscard]] Result<Ingested> put_sequence(Transaction& txn, const Actor& actor,
                                            const PlannedSequence& planned,
                                            const ObjectKey& manifest, const SequenceOwner& owner);
// The frames as they lie in a folder now, of the files that are given; busy if one is being
// written, invalid if they are not of one sequence or too few.
[[nodiscard]] Result<std::vector<NewFrame>> frames_from(Database& db,
                                                        const std::vector<Place>& files);
// Undoes it: each frame is an asset with the sequence's tags in each of its folders; the sequence
// goes, to the trash where it has other versions, hidden frames, labels or fields. How many files
// there are now. exists if a name is taken.
[[nodiscard]] Result<std::uint64_t> split_sequence(Transaction& txn, const Actor& actor,
                                                   const Asset& sequence);

// Hides a frame of the version that the sequence shows. not_found if it is hidden already.
[[nodiscard]] Status hide_frame(Transaction& txn, const Actor& actor, const Asset& sequence,
                                FrameNumber frame);
// None is hidden any more. Whether any was is the answer.
[[nodiscard]] Result<bool> show_frames(Transaction& txn, VersionId version);
// The sequence goes to the trash: where all its frames were deleted before, they are shown again.
[[nodiscard]] Status show_if_all_hidden(Transaction& txn, VersionId version);
// A version of the same object has the same frames.
[[nodiscard]] Status copy_frames(Transaction& txn, VersionId from, VersionId to);

}  // namespace lensfs
