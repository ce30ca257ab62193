#include "transcode/client/verdict.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <cctype>
#include <cstring>

namespace lensfs {
namespace {

std::string with_words(std::string what, const Ended& ended) {
  if (!ended.last_words.empty()) what += " saying \"" + ended.last_words + "\"";
  return what;
}

// "signal 11 (segmentation fault)"
std::string signal_in_words(int signal) {
  const char* description = ::sigdescr_np(signal);
  std::string words = description != nullptr ? description : "unknown";
  words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return fmt::format("signal {} ({})", signal, words);
}

// Libraries end the process in their own ways when they get no memory; the kernel does not tell.
bool ran_out_of_memory(const Ended& ended, const EngineLimits& limits) {
  for (const char* words : {"bad_alloc", "failed to allocate", "out of memory", "Out of memory",
                            "Cannot allocate memory"}) {
    if (ended.last_words.find(words) != std::string::npos) return true;
  }
  return ended.peak_memory > limits.memory_bytes / 8 * 7;
}

Error over_memory(const EngineLimits& limits) {
  return over_limit("used more than " + size_in_words(limits.memory_bytes) + " of memory");
}

Error over_cpu(const EngineLimits& limits) {
  return over_limit("used more than " + time_in_words(limits.cpu) + " of processor time");
}

Error failed(Errc code, const std::string& what) {
  return Error(code, "the source cannot be decoded").with("the decoder " + what);
}

Error killed_by(int signal, const Ended& ended, const EngineLimits& limits) {
  const std::string words = with_words("was killed by " + signal_in_words(signal), ended);
  switch (signal) {
    case SIGXCPU:
      return over_cpu(limits);
    case SIGSYS:
      return failed(Errc::denied, "did what its sandbox forbids");
    case SIGABRT:
    case SIGTRAP:
    case SIGSEGV:
    case SIGBUS:
    case SIGILL:
    case SIGFPE:
      if (ran_out_of_memory(ended, limits)) return over_memory(limits);
      return failed(Errc::corrupt, words);
    case SIGKILL:
      // At the hard limit.
      if (ended.cpu_milliseconds / 1000 >= static_cast<std::uint64_t>(limits.cpu.count())) {
        return over_cpu(limits);
      }
      return Error(Errc::io, "perhaps the machine ran out of memory").with("the decoder " + words);
    default:
      return Error(Errc::io, "nobody of LensFS did that").with("the decoder " + words);
  }
}

}  // namespace

Error over_limit(const std::string& what) {
  return Error(Errc::too_big, "given up").with("the decoder " + what);
}

Error verdict(const Ended& ended, const EngineLimits& limits) {
  if (WIFSIGNALED(ended.status)) return killed_by(WTERMSIG(ended.status), ended, limits);
  const int status = WEXITSTATUS(ended.status);
  if (status == kExitForbidden) {
    return failed(Errc::denied, "did what its sandbox forbids: " + ended.last_words);
  }
  if (ran_out_of_memory(ended, limits)) return over_memory(limits);
  return failed(
      Errc::corrupt,
      with_words(fmt::format("ended without an answer, by exit status {}", status), ended));
}

std::string size_in_words(std::uint64_t bytes) {
  struct Unit {
    unsigned shift;
    const char* name;
  };
  for (const Unit& unit : {Unit{30, "GiB"}, Unit{20, "MiB"}, Unit{10, "KiB"}}) {
    const std::uint64_t whole = bytes >> unit.shift;
    if (whole > 0 && whole << unit.shift == bytes) return fmt::format("{} {}", whole, unit.name);
  }
  return fmt::format("{} {}", bytes, bytes == 1 ? "byte" : "bytes");
}

std::string time_in_words(std::chrono::milliseconds time) {
  if (time.count() % 1000 == 0) return fmt::format("{} s", time.count() / 1000);
  return fmt::format("{} ms", time.count());
}

}  // namespace lensfs
