// lensfs_stress --dir D --seconds N --processes P --seed S: several processes do random things to a
// folder of their own below D and check every byte, size and listing against what must be there.
//   --operations N  ends each process after so many operations instead
//   --process I     runs this process only: with --operations, a replay
//   --manifest DIR  writes what must be there at the end: DIR/p<I>, "<digest> <size> <path>" a line
// Exit status: 0 all as it must be, 1 a mismatch, 2 wrong usage, 6 it could not start.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/stress/worker.h"

namespace lensfs::stress {
namespace {

struct Options {
  std::string dir, manifest;
  std::uint64_t seconds = 10;
  std::uint64_t operations = 0;  // 0: as many as fit into the time
  int processes = 4;
  int only = -1;
  std::uint64_t seed = 1;
};

bool parse(int argc, char** argv, Options& options) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  if (argc % 2 == 0 || !given.contains("--dir")) return false;
  const auto number = [&](const char* name, std::uint64_t otherwise) {
    return given.contains(name) ? std::strtoull(given[name].c_str(), nullptr, 10) : otherwise;
  };
  options.dir = given["--dir"];
  options.manifest = given["--manifest"];
  options.seconds = number("--seconds", options.seconds);
  options.operations = number("--operations", 0);
  options.processes = static_cast<int>(number("--processes", 4));
  options.only = given.contains("--process") ? static_cast<int>(number("--process", 0)) : -1;
  options.seed = number("--seed", 1);
  return options.processes > 0;
}

// The life of one process; gives the number of operations done, prints a mismatch and ends by it.
std::uint64_t work(const Options& options, int number) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  std::uint64_t done = 0;
  const char* last = "start";
  try {
    Worker worker(options.dir, number, options.processes, options.seed);
    try {
      const auto goes_on = [&] {
        return options.operations != 0 ? done < options.operations
                                       : std::chrono::steady_clock::now() < end;
      };
      for (; goes_on(); ++done) worker.step();
      worker.check_all();
      if (!options.manifest.empty()) {
        std::ofstream(options.manifest + "/p" + std::to_string(number)) << worker.manifest();
      }
      return done;
    } catch (const Mismatch&) {
      last = worker.last_operation();
      throw;
    }
  } catch (const Mismatch& mismatch) {
    std::fprintf(stderr,
                 "lensfs_stress: process %d, operation %llu (%s): %s\n"
                 "replay in an empty folder: lensfs_stress --dir DIR --seed %llu --processes %d "
                 "--process %d "
                 "--operations %llu\n",
                 number, static_cast<unsigned long long>(done), last, mismatch.what(),
                 static_cast<unsigned long long>(options.seed), options.processes, number,
                 static_cast<unsigned long long>(done + 1));
    std::_Exit(1);
  }
}

int run(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return 6;
  std::vector<pid_t> children;
  for (int number = 0; number < options.processes; ++number) {
    if (options.only >= 0 && number != options.only) continue;
    const pid_t child = ::fork();
    if (child < 0) return 6;
    if (child == 0) {
      const std::uint64_t done = work(options, number);
      std::_Exit(::write(ends[1], &done, sizeof done) == sizeof done ? 0 : 6);
    }
    children.push_back(child);
  }
  ::close(ends[1]);
  std::uint64_t operations = 0;
  for (std::uint64_t done = 0; ::read(ends[0], &done, sizeof done) == sizeof done;)
    operations += done;
  int mismatches = 0;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++mismatches;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("processes: %zu, operations: %llu, %.0f ops/s\nmismatches: %d\n", children.size(),
              static_cast<unsigned long long>(operations),
              static_cast<double>(operations) / took.count(), mismatches);
  return mismatches == 0 ? 0 : 1;
}

}  // namespace
}  // namespace lensfs::stress

int main(int argc, char** argv) {
  using namespace lensfs::stress;
  Options options;
  if (!parse(argc, argv, options)) {
    std::fputs(
        "usage: lensfs_stress --dir D [--seconds N] [--processes P] [--seed S] [--operations N] "
        "[--process I]\n"
        "                     [--manifest DIR]\n",
        stderr);
    return 2;
  }
  try {
    make_shared_files(joined(options.dir, "shared"));
  } catch (const Mismatch& mismatch) {
    std::fprintf(stderr, "lensfs_stress: %s\n", mismatch.what());
    return 6;
  }
  return run(options);
}
