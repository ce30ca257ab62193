#include "fs/control.h"

#include <fmt/format.h>

#include <array>

#include "fs/ops.h"

namespace lensfs {
namespace {

struct File {
  std::string_view name;
  NodeId node;
};
constexpr std::array<File, 4> kFiles = {{
    {"status", NodeId::control_status},
    {"requests", NodeId::control_requests},
    {"jobs", NodeId::control_jobs},
    {"searches", NodeId::control_searches},
}};

std::string status_text(const MountState& state) {
  return fmt::format(
      "library: {}\nmountpoint: {}\nmount: {}\nkeeper: {}\nworker: {}\nrestarts: {}\n"
      "passthrough: {}\nio_uring: {}\nfollowed: {}\nlens: {}\n",
      state->library, state->mountpoint, state->mount_id, state->keeper_pid,
      state->worker_pid.load(), state->restarts.load(), state->passthrough, state->io_uring,
      state->followed.load(), state->lens[0] == '\0' ? "original" : state->lens);
}

std::string requests_text(const MountState& state) {
  std::string text;
  for (unsigned opcode = 0; opcode < kOpCount; ++opcode) {
    const std::string_view name = name_of_opcode(opcode);
    if (name.empty()) continue;
    // Of one width, so that counts which grow between two reads of the file shift nothing.
    text += fmt::format("{:<12} {:>19}\n", name, state->requests[opcode].load());
  }
  return text;
}

// One line a job: state, percent, attempts, recipe, name, and what went wrong last.
Result<std::string> jobs_text(Database& db) {
  LENSFS_TRY(const std::vector<Job> jobs, all_jobs(db));
  std::string text;
  for (const Job& job : jobs) {
    LENSFS_TRY(const std::string recipe, recipe_text(db, job.recipe));
    text += fmt::format("{}\t{}%\t{}\t{}\t{}\t{}\n", name_of(job.state), job.progress / 10,
                        job.attempts, recipe, job.name, job.error.value_or(""));
  }
  return text;
}

}  // namespace

bool is_control(NodeId node) {
  return node == NodeId::control || node == NodeId::control_status ||
         node == NodeId::control_requests || node == NodeId::control_jobs ||
         node == NodeId::control_searches;
}

Attributes control_attributes(const Attributes& root, NodeId node) {
  Attributes attributes = root;
  attributes.ino = node;
  attributes.links = node == NodeId::control ? 2 : 1;
  attributes.mode = node == NodeId::control ? S_IFDIR | 0555 : S_IFREG | 0444;
  // What others looked for is not for everybody.
  if (node == NodeId::control_searches) attributes.mode = S_IFREG | 0400;
  attributes.size = node == NodeId::control ? 4096 : 0;  // as in /proc: known when read
  return attributes;
}

Result<Found> find_control(const Attributes& folder, std::string_view name) {
  for (const File& file : kFiles) {
    if (file.name == name) {
      return Found{file.node, control_attributes(folder, file.node), Keep::until_told};
    }
  }
  return fail(Errc::not_found);
}

Listing list_control(const Attributes& folder) {
  Listing listing;
  for (const File& file : kFiles) {
    listing.add(file.name, file_cookie(static_cast<std::int64_t>(file.node)), file.node,
                control_attributes(folder, file.node));
  }
  return listing;
}

Result<std::string> control_text(const MountState& state, Tree& tree, NodeId node) {
  if (node == NodeId::control_status) return status_text(state);
  if (node == NodeId::control_requests) return requests_text(state);
  if (node == NodeId::control_searches) return tree.context().refused->text();
  LENSFS_TRY(const auto db, tree.catalog().read());
  return jobs_text(*db);
}

}  // namespace lensfs
