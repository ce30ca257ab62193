#include "transcode/client/slot_pool.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "catalog/base/log.h"

namespace lensfs {
namespace {

constexpr int kTries = 2;                  // decoders that may fail at the same work
constexpr std::int64_t kAheadAtOnce = 12;  // slots of one request to a decoder
constexpr std::int64_t kSettled = 12;      // slots read in order: he will read on for a while
// In slots that could be rendered instead: going to a keyframe, and opening a source.
constexpr std::int64_t kSeekCost = 8;
constexpr std::int64_t kOpenCost = 16;

bool overlap(const SlotMap::Slots& one, const SlotMap::Slots& other) {
  return one.first < other.first + other.count && other.first < one.first + one.count;
}

// The part of them that is not there, without what is there at either end.
SlotMap::Slots missing_of(const SlotClip& clip, SlotMap::Slots slots) {
  while (slots.count > 0 && clip.file->has(slots.first)) {
    ++slots.first;
    --slots.count;
  }
  while (slots.count > 0 && clip.file->has(slots.first + slots.count - 1)) --slots.count;
  return slots;
}

}  // namespace

SlotPool::SlotPool(Options options) : options_(std::move(options)) {
  for (unsigned i = 0; i < std::max(1U, options_.sessions); ++i) {
    Seat& seat = seats_.emplace_back(Seat{.session = {options_.program, options_.limits}});
    seat.thread = std::thread([this, &seat] { run(seat); });
    ::pthread_setname_np(seat.thread.native_handle(), "slots");
  }
}

SlotPool::~SlotPool() {
  std::list<Waiting> waiting;
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
    waiting.swap(waiting_);
  }
  news_.notify_all();
  for (Seat& seat : seats_) seat.thread.join();
  for (Waiting& one : waiting) one.then(fail(Errc::interrupted));
}

void SlotPool::want(const std::shared_ptr<SlotClip>& clip, const SlotMap::Slots& slots, Then then) {
  bool is_there = clip->file->has(slots);  // the first look may take a while
  {
    const std::scoped_lock lock(mutex_);
    note_read(*clip, slots);
    // Again: whoever rendered them meanwhile did not see that somebody waits.
    is_there = is_there || clip->file->has(slots);
    if (!is_there && !stop_) {
      waiting_.push_back({clip, slots, std::move(then)});
      then = {};
    }
  }
  news_.notify_all();
  if (then) then(is_there ? Status() : Status(fail(Errc::interrupted)));
}

void SlotPool::note_read(SlotClip& clip, const SlotMap::Slots& slots) {
  if (slots.count == 0) return;
  const std::int64_t after = slots.first + slots.count;
  const bool goes_on = slots.first == clip.next || slots.first == clip.next - 1;
  clip.in_order = goes_on ? clip.in_order + std::max<std::int64_t>(after - clip.next, 1) : 0;
  clip.next = after;
}

bool SlotPool::is_in_work(const SlotClip& clip, std::int64_t slot) const {
  return std::any_of(seats_.begin(), seats_.end(), [&](const Seat& seat) {
    return seat.work.clip.get() == &clip && overlap(seat.work.slots, {.first = slot, .count = 1});
  });
}

std::int64_t SlotPool::way_to(const Seat& seat, const SlotClip& clip, std::int64_t slot) {
  const std::int64_t from_entry = slot - clip.file->map().entry_before(slot) + kSeekCost;
  if (seat.clip.get() != &clip) return from_entry + kOpenCost;
  return seat.at <= slot ? std::min(slot - seat.at, from_entry) : from_entry;
}

bool SlotPool::is_for_another(const Seat& seat, const SlotClip& clip, std::int64_t slot) const {
  const std::int64_t mine = way_to(seat, clip, slot);
  return std::any_of(seats_.begin(), seats_.end(), [&](const Seat& other) {
    return &other != &seat && other.clip.get() == &clip && way_to(other, clip, slot) < mine;
  });
}

// Whether another decoder is on its way there, in the same picture group.
bool SlotPool::is_on_way_of_another(const Seat& seat, const SlotClip& clip,
                                    std::int64_t slot) const {
  const std::int64_t entry = clip.file->map().entry_before(slot);
  const auto is_before = [&](const Seat& one) {
    return one.clip.get() == &clip && entry <= one.at && one.at <= slot;
  };
  return std::any_of(seats_.begin(), seats_.end(), [&](const Seat& other) {
    return &other != &seat && is_before(other) && !(is_before(seat) && seat.at >= other.at);
  });
}

std::optional<SlotPool::Work> SlotPool::ahead_of(const std::shared_ptr<SlotClip>& clip,
                                                 const Seat& seat) const {
  if (!clip || clip->in_order == 0 || clip->is_let_go) return std::nullopt;
  const SlotMap& map = clip->file->map();
  const std::int64_t from = std::max<std::int64_t>(clip->next, 0);
  const std::int64_t reach = clip->in_order < kSettled ? options_.ahead : options_.far_ahead;
  const std::int64_t last = std::min(from + reach, map.count());
  std::int64_t end = 0;
  for (std::int64_t group = from; group < last; group = end) {
    end = std::min(map.entry_after(group), last);
    SlotMap::Slots slots{.first = group, .count = 0};
    while (slots.first < end && (clip->file->has(slots.first) || is_in_work(*clip, slots.first))) {
      ++slots.first;
    }
    if (slots.first == end || is_on_way_of_another(seat, *clip, slots.first)) continue;
    while (slots.first + slots.count < end && slots.count < kAheadAtOnce &&
           !clip->file->has(slots.first + slots.count)) {
      ++slots.count;
    }
    return Work{.clip = clip, .slots = slots};
  }
  return std::nullopt;
}

SlotMap::Slots SlotPool::unserved_of(const Waiting& one) const {
  const SlotMap::Slots slots = missing_of(*one.clip, one.slots);
  return slots.count > 0 && is_in_work(*one.clip, slots.first) ? SlotMap::Slots() : slots;
}

// What somebody waits for, the seat's own clip first; else what will be read of that clip, or of
// another.
SlotPool::Work SlotPool::next_work(const Seat& seat) const {
  Work first;
  for (const Waiting& one : waiting_) {
    const SlotMap::Slots slots = unserved_of(one);
    if (slots.count == 0 || is_for_another(seat, *one.clip, slots.first)) continue;
    if (one.clip == seat.clip) return {.clip = one.clip, .slots = slots, .is_waited = true};
    if (!first.clip) first = {.clip = one.clip, .slots = slots, .is_waited = true};
  }
  if (first.clip) return first;
  if (auto ahead = ahead_of(seat.clip, seat)) return *std::move(ahead);
  for (const Seat& other : seats_) {
    if (other.clip == seat.clip) continue;
    if (auto ahead = ahead_of(other.clip, seat)) return *std::move(ahead);
  }
  return {};
}

bool SlotPool::any_unserved() const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [&](const Waiting& one) { return unserved_of(one).count > 0; });
}

void SlotPool::run(Seat& seat) {
  static_cast<void>(seat.session.start());  // whoever needs it starts it again, and hears why not
  for (;;) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      news_.wait(lock, [&] {
        if (stop_ || has_to_let_go(seat)) return true;
        work = next_work(seat);
        return work.clip != nullptr;
      });
      if (stop_) break;
      seat.work = work;
    }
    news_.notify_all();  // what was left to this one is another's now
    if (!work.clip) {
      seat.session.close();
      const std::scoped_lock lock(mutex_);
      seat.clip.reset();
      news_.notify_all();
      continue;
    }
    do_work(seat, work);
    {
      const std::scoped_lock lock(mutex_);
      seat.work = {};
    }
    tell_served(*work.clip);
    news_.notify_all();
    if (options_.complete && work.clip->file->is_complete()) options_.complete(work.clip);
  }
  seat.session.close();
}

bool SlotPool::has_to_let_go(const Seat& seat) {
  return seat.clip && seat.clip->is_let_go;
}

void SlotPool::let_go(const std::shared_ptr<SlotClip>& clip) {
  std::unique_lock lock(mutex_);
  clip->is_let_go = true;
  news_.notify_all();
  news_.wait(lock, [&] {
    return stop_ || std::none_of(seats_.begin(), seats_.end(), [&](const Seat& seat) {
             return seat.clip == clip || seat.work.clip == clip;
           });
  });
}

void SlotPool::take_back(const std::shared_ptr<SlotClip>& clip) {
  const std::scoped_lock lock(mutex_);
  clip->is_let_go = false;
}

template <typename Takes>
std::vector<SlotPool::Then> SlotPool::take(const Takes& takes) {
  std::vector<Then> taken;
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    if (!takes(*one)) {
      ++one;
      continue;
    }
    taken.push_back(std::move(one->then));
    one = waiting_.erase(one);
  }
  return taken;
}

void SlotPool::do_work(Seat& seat, const Work& work) {
  Status rendered;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    rendered = render(seat, work);
    if (rendered || rendered.error().code() == Errc::stale) break;
    log::warn("slots of a clip could not be rendered outline={} first={} count={} error=\"{}\"",
              work.clip->id, work.slots.first, work.slots.count, rendered.error().message());
    hold_clip(seat, {});
    seat.session.close();
  }
  if (rendered) return;
  std::vector<Then> failed;
  {
    const std::scoped_lock lock(mutex_);
    work.clip->in_order = 0;
    failed = take([&](const Waiting& one) {
      return one.clip == work.clip && overlap(one.slots, work.slots);
    });
  }
  for (const Then& then : failed) then(rendered);
}

Status SlotPool::render(Seat& seat, const Work& work) {
  SlotClip& clip = *work.clip;
  if (seat.clip != work.clip || !seat.session.is_open()) {
    hold_clip(seat, {});
    LENSFS_CHECK(seat.session.start());
    if (seat.session.build() != clip.build) {
      return fail(Errc::stale, "it was begun by another version of the decoder");
    }
    LENSFS_CHECK(seat.session.open(
        {.fd = clip.source.get(), .size = clip.source_size, .extension = clip.extension},
        clip.recipe, clip.file->files(), clip.file->map().file_size()));
    hold_clip(seat, work.clip);
  }
  Status noted;
  LENSFS_CHECK(
      seat.session.render(work.slots.first, work.slots.count, [&](const RenderedSlot& slot) {
        noted = clip.file->note(slot);
        if (!noted) return false;
        tell_served(clip);
        const std::scoped_lock lock(mutex_);
        seat.at = slot.slot + 1;
        return !stop_ && (work.is_waited || !any_unserved());
      }));
  if (noted && work.is_waited && !clip.file->has(work.slots)) {
    return fail(Errc::corrupt, "the decoder left out slots that it was asked for");
  }
  return noted;
}

void SlotPool::hold_clip(Seat& seat, std::shared_ptr<SlotClip> clip) {
  const std::scoped_lock lock(mutex_);
  seat.clip.swap(clip);
  seat.at = 0;
}

void SlotPool::tell_served(const SlotClip& clip) {
  std::vector<Then> served;
  {
    const std::scoped_lock lock(mutex_);
    served = take(
        [&](const Waiting& one) { return one.clip.get() == &clip && clip.file->has(one.slots); });
  }
  for (const Then& then : served) then({});
}

}  // namespace lensfs
