#include "transcode/scheduler/crew.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>

#include "catalog/base/log.h"
#include "catalog/model/outline_collecting.h"
#include "transcode/scheduler/outlining.h"

namespace lensfs {
namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
// One commit is many writes to the log.
constexpr int kGatherMilliseconds = 5;
// A write is seen before its commit is, so the log is looked at again after this, twice this, …
constexpr Nanoseconds kFirstPause = 2 * kMillisecond;
constexpr Nanoseconds kLongestPause = 1000 * kMillisecond;
constexpr Nanoseconds kCarePause = 1000 * kMillisecond;  // between looks for dead workers
// Between looks at outlines: where they are completed, and where only what is whole is to become a
// rendition; and how much longer than a look.
constexpr Nanoseconds kCompletionPause = 2000 * kMillisecond;
constexpr Nanoseconds kSettlePause = 30'000 * kMillisecond;
constexpr Nanoseconds kIdleShare = 20;
constexpr std::int64_t kSidecarsAtOnce = 50;     // between looks at what else is due
constexpr std::chrono::seconds kErrorPause{10};  // after the catalog or the store failed

// Doorbell: a descriptor that is readable from when somebody asks to stop.
class Doorbell {
 public:
  explicit Doorbell(const std::stop_token& stop)
      : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), callback_(stop, Ring{fd_.get()}) {}
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  struct Ring {
    int fd;
    void operator()() const {
      const std::uint64_t one = 1;
      static_cast<void>(::write(fd, &one, sizeof one) == sizeof one);
    }
  };
  Fd fd_;
  std::stop_callback<Ring> callback_;
};

// Until something is written to the log, somebody asks to stop, or the time is over. True if
// something was written.
bool wait_for_commit(const CommitWatch& watch, const Doorbell& stop, Nanoseconds longest) {
  std::array<pollfd, 2> sources = {{{.fd = stop.fd(), .events = POLLIN, .revents = 0},
                                    {.fd = watch.fd(), .events = POLLIN, .revents = 0}}};
  const auto milliseconds = static_cast<int>((longest + kMillisecond - 1) / kMillisecond);
  static_cast<void>(::poll(sources.data(), sources.size(), milliseconds));
  const bool any = sources[1].revents != 0;
  if (any && sources[0].revents == 0) {
    static_cast<void>(::poll(sources.data(), 1, kGatherMilliseconds));
  }
  watch.drain();
  return any;
}

}  // namespace

Crew::Crew(Catalog& catalog, const RenditionSettings& settings, CrewOptions options)
    : catalog_(catalog),
      settings_(settings),
      options_(std::move(options)),
      count_(options_.workers != 0 ? options_.workers
                                   : std::max(1U, std::thread::hardware_concurrency()) + 1),
      planner_(catalog, settings),
      completions_(catalog, settings),
      sidecars_(catalog) {}

Crew::~Crew() {
  over_.request_stop();
  threads_.clear();
}

void Crew::be_nice(Priority least) const {
  if (options_.niceness == 0 || least == Priority::waited) return;
  const int now = ::getpriority(PRIO_PROCESS, 0);
  // Where that is refused it goes on as it is.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, now + options_.niceness));
}

Result<std::unique_ptr<Worker>> Crew::hire(Priority least) {
  WorkerOptions with{.engines = options_.engines(settings_),
                     .report = {},
                     .progress = [this](std::int64_t bytes) { bytes_done_.fetch_add(bytes); },
                     .least = least,
                     .beside = count_};
  if (options_.report) {
    with.report = [this](const WorkReport& report) {
      const std::scoped_lock lock(report_mutex_);
      options_.report(report);
    };
  }
  return Worker::start(catalog_, settings_, std::move(with));
}

Status Crew::work(const std::stop_token& stop) {
  LENSFS_CHECK(remove_stray_outlines(catalog_));
  LENSFS_CHECK(completions_.begin());
  std::promise<Result<std::string>> promise;
  std::future<Result<std::string>> build = promise.get_future();
  const auto tell = [&](const Result<std::string>& first) { promise.set_value(first); };
  for (unsigned number = 0; number <= count_; ++number) {
    const Priority least = number < count_ ? Priority::idle : Priority::waited;
    threads_.emplace_back([this, least, started = number == 0 ? Started(tell) : Started()] {
      serve(least, started, over_.get_token());
    });
  }
  Status followed = build.get().and_then(
      [&](const std::string& of_engines) { return renew_outlines(catalog_, of_engines); });
  if (followed) followed = plan_reading(catalog_, settings_, stop);
  if (followed) followed = follow(stop);
  over_.request_stop();
  threads_.clear();
  LENSFS_CHECK(catalog_.sync());
  if (!followed) return followed;
  const std::scoped_lock lock(mutex_);
  return failure_ ? Status(fail(*failure_)) : Status();
}

// --- the workers' threads

// Each starts its own engines: they are as nice as the thread is.
void Crew::serve(Priority least, const Started& started, const std::stop_token& stop) {
  be_nice(least);
  // The first tells of which build the decoders are; one is there for whoever waits. The others are
  // memory and processor time for nothing until something is due.
  if (!started && least != Priority::waited) {
    wait_for_bell(0, stop);
    if (stop.stop_requested()) return;
  }
  auto hired = hire(least);
  if (started) started(hired ? Result<std::string>((*hired)->build()) : fail(hired.error()));
  for (; !hired && !stop.stop_requested(); hired = hire(least)) {
    give_up(hired.error());
    pause(stop);
  }
  if (!hired) return;
  Worker& worker = **hired;
  while (!stop.stop_requested()) {
    std::uint64_t heard = 0;
    {
      const std::scoped_lock lock(mutex_);
      heard = bell_;
    }
    const auto turn = worker.work_once(stop);
    if (!turn) give_up(turn.error());
    if (!turn || *turn == Worker::Turn::idle) wait_for_bell(heard, stop);
    if (!turn) pause(stop);
  }
}

void Crew::pause(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, kErrorPause, [] { return false; });
}

void Crew::wait_for_bell(std::uint64_t heard, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, stop, [&] { return bell_ != heard; });
}

void Crew::ring() {
  {
    const std::scoped_lock lock(mutex_);
    ++bell_;
  }
  wake_.notify_all();
}

void Crew::give_up(const Error& error) {
  const std::scoped_lock lock(mutex_);
  if (options_.until == CrewOptions::Until::idle) {
    if (!failure_) failure_ = error;
    return;
  }
  if (error.message() == complaint_) return;
  complaint_ = error.message();
  log::warn("nothing is made for now: {}", complaint_);
}

// --- the thread that follows

Status Crew::follow(const std::stop_token& stop) {
  LENSFS_TRY(const CommitWatch watch, CommitWatch::open(catalog_.path() / "catalog.db"));
  const Doorbell doorbell(stop);
  Nanoseconds pause = kFirstPause;
  while (!stop.stop_requested()) {
    const auto next = look(pause);
    if (!next) give_up(next.error());
    if (next && !*next) return {};
    {
      const std::scoped_lock lock(mutex_);
      if (failure_) return fail(*failure_);
    }
    const bool any = wait_for_commit(watch, doorbell, next ? **next : kLongestPause);
    pause = any ? kFirstPause : std::min(2 * pause, kLongestPause);
  }
  return {};
}

Result<bool> Crew::plan_completion(Nanoseconds now) {
  const bool is_soon = now >= completions_looked_ && now < completions_due_;
  if (is_soon && options_.until == CrewOptions::Until::stopped) return false;
  auto planned = completions_.plan_some(count_);
  completions_looked_ = Clock().now();
  // In a large library a look takes a while.
  const Nanoseconds pause =
      settings_.complete == Completing::none ? kSettlePause : kCompletionPause;
  completions_due_ =
      completions_looked_ + std::max(pause, kIdleShare * (completions_looked_ - now));
  return planned;
}

Result<std::optional<Nanoseconds>> Crew::look(Nanoseconds longest) {
  const Nanoseconds now = Clock().now();
  if (now - cared_ >= kCarePause || now < cared_) {
    LENSFS_CHECK(give_back_of_the_dead(catalog_));
    cared_ = now;
  }
  LENSFS_TRY(const bool is_more, planner_.plan_some());
  LENSFS_TRY(const Pool::Reader reader, catalog_.read());
  LENSFS_TRY(const auto due, next_due(*reader, now));
  if (due && *due <= now) ring();
  if (is_more) return std::optional<Nanoseconds>(0);
  std::optional<Nanoseconds> sidecar;
  if (settings_.writes_sidecars) {
    LENSFS_TRY(sidecar, sidecars_.write_some(now, kSidecarsAtOnce));
    if (sidecar && *sidecar <= now) return std::optional<Nanoseconds>(0);
  }
  LENSFS_TRY(const bool more, plan_completion(now));
  if (more) return std::optional<Nanoseconds>(0);
  if (options_.until == CrewOptions::Until::idle) {
    LENSFS_TRY(const bool pending, any_pending(*reader));
    if (!pending && !sidecar) return std::optional<Nanoseconds>();
  }
  if (sidecar) longest = std::min(longest, *sidecar - now);
  if (due && *due > now) longest = std::min(longest, *due - now);
  return std::optional(longest);
}

}  // namespace lensfs
