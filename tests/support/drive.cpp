#include "tests/support/drive.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

testing::AssertionResult succeeded(const std::string& what, const Ran& ran) {
  if (ran.exit == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << what << ": exit status " << ran.exit << "\n"
                                     << ran.out << ran.err;
}

Requests requests_now(const path& counters) {
  Requests requests;
  const auto text = read_text(counters);
  EXPECT_TRUE(text) << counters << " cannot be read";
  std::istringstream lines(text.value_or(""));
  std::string name;
  for (std::int64_t count = 0; lines >> name >> count;) requests[name] = count;
  return requests;
}

Requests difference(const Requests& from, const Requests& to) {
  Requests changed;
  for (const auto& [name, count] : to) {
    const auto before = from.find(name);
    changed[name] = count - (before == from.end() ? 0 : before->second);
  }
  return changed;
}

pid_t pid_in(const std::string& text) {
  return static_cast<pid_t>(std::strtol(text.c_str(), nullptr, 10));
}

}  // namespace

std::int64_t total(const Requests& requests) {
  std::int64_t sum = 0;
  for (const auto& [name, count] : requests) sum += count;
  return sum;
}

void DriveTest::SetUp() {
  LENSFS_NEEDS_FUSE();
  std::filesystem::create_directory(mountpoint());
  std::filesystem::create_directory(scratch());
  ASSERT_TRUE(succeeded("init", lensfs({"init", library().string()})));
}

void DriveTest::TearDown() {
  if (!is_mounted(mountpoint())) return;
  EXPECT_TRUE(unmount());
}

Ran DriveTest::library_command(const std::string& verb, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {verb, "-L", library().string()});
  return lensfs(std::move(arguments));
}

testing::AssertionResult DriveTest::ingest(const std::string& source, const Into& into) {
  std::vector<std::string> arguments{source, "--project", into.project};
  for (const std::string& term : into.tags) {
    arguments.insert(arguments.end(), {"--tag", term});
  }
  return succeeded("ingest", library_command("ingest", arguments));
}

testing::AssertionResult DriveTest::add(const path& name, const std::string& bytes,
                                        const Into& into) {
  const path folder = scratch() / ("added-" + std::to_string(++added_));
  write_file(folder / name, bytes);
  return ingest(folder.string() + "/", into);
}

testing::AssertionResult DriveTest::tag(const std::string& place,
                                        const std::vector<std::string>& changes) {
  std::vector<std::string> arguments{"Projects/" + place};
  arguments.insert(arguments.end(), changes.begin(), changes.end());
  return succeeded("tag", library_command("tag", arguments));
}

testing::AssertionResult DriveTest::mount(const MountWith& with) {
  Command command;
  command.words = {lensfs_binary().string(), "mount", library().string(), mountpoint().string()};
  for (const std::string& option : with.options) {
    command.words.insert(command.words.end(), {"-o", option});
  }
  if (with.work == MountWith::Work::no) {
    command.words.insert(command.words.end(), {"-o", "no_work"});
  }
  command.open_files = with.open_files;
  const auto done = succeeded("mount", run(command));
  if (done && !is_mounted(mountpoint())) {
    return testing::AssertionFailure() << "lensfs mount succeeded, but nothing is mounted";
  }
  return done;
}

testing::AssertionResult DriveTest::unmount() {
  const pid_t keeps = keeper();
  const pid_t works = worker();
  const auto done = succeeded("umount", lensfs({"umount", mountpoint().string()}));
  if (!done) return done;
  if (is_mounted(mountpoint())) return testing::AssertionFailure() << "still mounted";
  const auto both_ended = [&] {
    return (keeps <= 0 || !is_running(keeps)) && (works <= 0 || !is_running(works));
  };
  if (!wait_until(both_ended)) {
    return testing::AssertionFailure() << "unmounted, but keeper or worker still runs";
  }
  return testing::AssertionSuccess();
}

std::string DriveTest::status(const std::string& key) const {
  std::istringstream lines(read_text(at(".lensfs/status")).value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(key + ": ")) return line.substr(key.size() + 2);
  }
  return "";
}

pid_t DriveTest::keeper() const {
  return pid_in(status("keeper"));
}
pid_t DriveTest::worker() const {
  return pid_in(status("worker"));
}

Requests DriveTest::requests_of(const std::function<void()>& work) const {
  const path counters = at(".lensfs/requests");
  static_cast<void>(requests_now(counters));
  const Requests first = requests_now(counters);
  const Requests second = requests_now(counters);
  work();
  const Requests third = requests_now(counters);
  Requests requests;
  for (const auto& [name, count] :
       difference(difference(first, second), difference(second, third))) {
    const bool is_asynchronous =
        name == "RELEASE" || name == "RELEASEDIR" || name == "FORGET" || name == "BATCH_FORGET";
    if (!is_asynchronous && count != 0) requests[name] = count;
  }
  return requests;
}

path real_media() {
  const char* const given = std::getenv("LENSFS_MEDIA");
  const path media = given != nullptr ? path(given) : path(LENSFS_SOURCE) / "../shared/media";
  return std::filesystem::is_directory(media) ? media : path();
}

}  // namespace lensfs::test
