// Jobs are done: once each, by whoever lives, with what became of them in the catalog.
#include "transcode/scheduler/crew.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <map>
#include <thread>

#include "catalog/store/marks.h"
#include "tests/support/fake_engines.h"
#include "tests/support/waiting.h"
#include "tests/unit/scheduler/scheduler_test.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Working : public SchedulerTest {
 protected:
  Working() { settings_.making.eager = {}; }

  CrewOptions options(CrewOptions::Until until, unsigned workers = 2) {
    return {.workers = workers,
            .until = until,
            .engines =
                [this](const RenditionSettings&) {
                  return std::make_unique<FakeEngines>(FakeEngines::Options{
                      .on_call =
                          [this](const FakeCall& call) {
                            const std::scoped_lock lock(mutex_);
                            calls_.push_back(call);
                            nice_[call.source] = ::getpriority(PRIO_PROCESS, 0);
                          },
                      .on_step = on_step_,
                      .on_threads =
                          [this](unsigned count) {
                            const std::scoped_lock lock(mutex_);
                            threads_.push_back(count);
                          }});
                },
            .report =
                [this](const WorkReport& report) {
                  const std::scoped_lock lock(mutex_);  // of several crews
                  reports_.emplace_back(report.job.name, report.outcome.kind);
                }};
  }
  void work_until_idle(unsigned workers = 2) {
    Crew crew(catalog(), settings_, options(CrewOptions::Until::idle, workers));
    must(crew.work({}));
  }
  // One turn of one worker, without a crew.
  Worker::Turn turn() {
    const auto worker = must(
        Worker::start(catalog(), settings_,
                      {.engines = options({}).engines(settings_), .report = {}, .progress = {}}));
    return must(worker->work_once({}));
  }
  // Claims what is next for a worker that died at once.
  void die_with_a_job(const std::string& id) {
    must(catalog().write([&](Transaction& txn) {
      return claim_jobs(txn, id, [](const Job&, const Job&) { return true; });
    }));
  }

  std::function<void(const std::stop_token&)> on_step_;
  std::mutex mutex_;  // guards what follows
  std::vector<FakeCall> calls_;
  std::vector<unsigned> threads_;    // that each call might use
  std::map<std::string, int> nice_;  // of whoever worked at that source
  std::vector<std::pair<std::string, Outcome::Kind>> reports_;
};

TEST_F(Working, MakesWhatWaits) {
  const AssetId clip = add("clip.mov", "the clip");
  const AssetId still = add("a.png", "a picture", "film", "image");
  ask(clip, "720p");
  ask(still, "thumb");

  work_until_idle();

  EXPECT_EQ(rendition(clip, "720p"), fake_rendition("the clip", recipe(clip, "720p")));
  EXPECT_EQ(rendition(still, "thumb"), fake_rendition("a picture", recipe(still, "thumb")));
  EXPECT_THAT(jobs(), IsEmpty());
  EXPECT_THAT(staged_files(), IsEmpty());
  EXPECT_THAT(reports_, UnorderedElementsAre(std::pair("clip.mov", Outcome::Kind::made),
                                             std::pair("a.png", Outcome::Kind::made)));
}

TEST_F(Working, MakesWhatIsEagerByItself) {
  settings_.making.eager = {"thumb", "720p"};
  const AssetId clip = add("clip.mov", "the clip");

  work_until_idle();

  EXPECT_TRUE(rendition(clip, "thumb"));
  EXPECT_TRUE(rendition(clip, "720p"));
}

TEST_F(Working, DecodesASourceOnceForAllThatIsDueOfIt) {
  const AssetId clip = add("clip.mov", "the clip");
  for (const char* profile : {"thumb", "360p", "720p", "filmstrip"}) ask(clip, profile);
  ask(clip, "2160p", Priority::asked);

  work_until_idle(1);

  ASSERT_THAT(calls_, SizeIs(2));
  EXPECT_EQ(calls_[0].orders, 1U) << "what somebody asked for comes first, and alone";
  EXPECT_EQ(calls_[1].orders, 4U);
  EXPECT_EQ(calls_[1].engine, Engine::timed);
}

TEST_F(Working, LeavesNoProcessorIdleAndFightsOverNone) {
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  ask(add("alone.mov", "alone"), "720p");
  work_until_idle(processors);
  EXPECT_THAT(threads_, ElementsAre(processors)) << "there is nothing else to do";

  threads_.clear();
  for (unsigned i = 0; i < 2 * processors; ++i) {
    ask(add("clip" + std::to_string(i) + ".mov", "clip " + std::to_string(i)), "720p");
  }
  work_until_idle(processors);
  ASSERT_THAT(threads_, SizeIs(2 * processors));
  for (unsigned call = 0; call < processors; ++call) EXPECT_EQ(threads_[call], 1U);

  threads_.clear();
  for (const char* name : {"one.mov", "two.mov"}) ask(add(name, name), "720p", Priority::waited);
  work_until_idle(processors);
  EXPECT_THAT(threads_, testing::Each(processors)) << "somebody waits";
}

TEST_F(Working, KeepsWhatTheSourceIsAtFaultForAsFailed) {
  ask(add("broken.mov", "broken"), "thumb");
  ask(add("vast.mov", "vast"), "thumb");
  ask(add("liar.mov", "liar"), "thumb");
  ask(add("empty.mov", "empty"), "thumb");
  const AssetId fine = add("fine.mov", "fine");
  ask(fine, "thumb");

  work_until_idle();

  EXPECT_TRUE(rendition(fine, "thumb"));
  std::vector<std::string> errors;
  for (const Job& job : jobs()) {
    EXPECT_EQ(job.state, JobState::failed) << job.name;
    EXPECT_EQ(job.attempts, 1) << job.name;
    errors.push_back(job.name + ": " + *job.error);
  }
  EXPECT_THAT(errors, UnorderedElementsAre(HasSubstr("broken.mov: moov atom not found"),
                                           HasSubstr("vast.mov: more memory"),
                                           HasSubstr("liar.mov: the engine wrote something else"),
                                           HasSubstr("empty.mov: the engine wrote nothing")));
  EXPECT_THAT(staged_files(), IsEmpty());
}

TEST_F(Working, TriesAgainLaterWhereSomethingElseIsAtFault) {
  ask(add("flaky.mov", "flaky"), "thumb");

  EXPECT_EQ(turn(), Worker::Turn::worked);

  ASSERT_THAT(jobs(), SizeIs(1));
  EXPECT_EQ(jobs().front().state, JobState::waiting);
  EXPECT_GT(jobs().front().due, lensfs::Clock().now());
  EXPECT_THAT(*jobs().front().error, HasSubstr("input/output error"));
  EXPECT_EQ(turn(), Worker::Turn::idle) << "it is not due";
}

TEST_F(Working, FailsAJobThatItsKindCannotHave) {
  const AssetId still = add("a.png", "a picture", "film", "image");
  must(catalog().write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const Asset asset, find_asset(txn.db(), still));
    LENSFS_TRY(const Version version, find_version(txn.db(), asset.version));
    return ask_for(txn, {.source = version.object,
                         .recipe = {.form = Recipe::Form::audio, .format = "m4a"},
                         .kind = "image",
                         .name = "a.png"});
  }));

  work_until_idle();

  ASSERT_THAT(jobs(), SizeIs(1));
  EXPECT_THAT(*jobs().front().error, HasSubstr("no audio is made of kind image"));
  EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(Working, FailsWhatHasNoBytesAnyMore) {
  const AssetId clip = add("clip.mov", "the clip");
  ask(clip, "thumb");
  std::filesystem::remove_all(library() / "objects");
  std::filesystem::create_directory(library() / "objects");

  EXPECT_EQ(turn(), Worker::Turn::worked);

  ASSERT_THAT(jobs(), SizeIs(1));
  EXPECT_THAT(*jobs().front().error, HasSubstr("lensfs verify"));
}

TEST_F(Working, GivesBackUncountedWhatItHasWhenItIsStopped) {
  ask(add("clip.mov", "the clip"), "thumb");
  std::stop_source stop;
  std::atomic<bool> begun = false;
  on_step_ = [&](const std::stop_token& stopped) {
    begun = true;
    while (!stopped.stop_requested()) std::this_thread::yield();
  };
  Crew crew(catalog(), settings_, options(CrewOptions::Until::stopped));
  std::jthread working([&] { must(crew.work(stop.get_token())); });
  ASSERT_TRUE(wait_until([&] { return begun.load(); }));

  stop.request_stop();
  working.join();

  ASSERT_THAT(jobs(), SizeIs(1));
  EXPECT_EQ(jobs().front().state, JobState::waiting);
  EXPECT_EQ(jobs().front().attempts, 0);
  EXPECT_THAT(reports_, IsEmpty());
  EXPECT_THAT(staged_files(), IsEmpty()) << "neither outputs nor marks";
}

TEST_F(Working, DoesNotLetAnybodyWaitForALongJob) {
  const AssetId film = add("film.mov", "long");
  const AssetId clip = add("clip.mov", "the clip");
  ask(film, "2160p");
  std::atomic<bool> begun = false;
  std::atomic<bool> done = false;
  on_step_ = [&](const std::stop_token& stopped) {
    if (begun.exchange(true)) return;  // the first lasts
    while (!done && !stopped.stop_requested()) std::this_thread::yield();
  };
  Crew crew(catalog(), settings_, options(CrewOptions::Until::idle, 1));
  std::jthread working([&] { must(crew.work({})); });
  ASSERT_TRUE(wait_until([&] { return begun.load(); }));

  ask(clip, "thumb", Priority::waited);

  EXPECT_TRUE(wait_until([&] { return rendition(clip, "thumb").has_value(); }));
  EXPECT_FALSE(rendition(film, "2160p"));
  done = true;
}

TEST_F(Working, LetsNobodyWaitForALongJob) {
  const AssetId film = add("film.mov", "long");
  const AssetId clip = add("clip.mov", "the clip");
  ask(film, "2160p");
  std::atomic<bool> begun = false;
  std::atomic<bool> done = false;
  on_step_ = [&](const std::stop_token& stopped) {
    if (begun.exchange(true)) return;  // the first step lasts
    while (!done && !stopped.stop_requested()) std::this_thread::yield();
  };
  Crew crew(catalog(), settings_, options(CrewOptions::Until::idle, 1));
  std::jthread working([&] { must(crew.work({})); });
  EXPECT_TRUE(wait_until([&] { return begun.load(); }));

  ask(clip, "thumb", Priority::waited);

  EXPECT_TRUE(wait_until([&] { return rendition(clip, "thumb").has_value(); }));
  EXPECT_FALSE(rendition(film, "2160p"));
  done = true;
}

TEST_F(Working, IsNiceButForWhatSomebodyWaitsFor) {
  const int usual = ::getpriority(PRIO_PROCESS, 0);
  ask(add("film.mov", "long"), "2160p");
  const AssetId clip = add("clip.mov", "the clip");
  std::atomic<bool> begun = false;
  std::atomic<bool> done = false;
  on_step_ = [&](const std::stop_token& stopped) {
    if (begun.exchange(true)) return;  // the first lasts
    while (!done && !stopped.stop_requested()) std::this_thread::yield();
  };
  CrewOptions nice = options(CrewOptions::Until::idle, 1);
  nice.niceness = 7;
  Crew crew(catalog(), settings_, std::move(nice));
  std::jthread working([&] { must(crew.work({})); });
  ASSERT_TRUE(wait_until([&] { return begun.load(); }));

  ask(clip, "thumb", Priority::waited);

  EXPECT_TRUE(wait_until([&] { return rendition(clip, "thumb").has_value(); }));
  done = true;
  working.join();
  EXPECT_EQ(nice_["long"], usual + 7);
  EXPECT_EQ(nice_["the clip"], usual);
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), usual);
}

TEST_F(Working, WhatTheSourceDoesNotHaveFailsAtOnce) {
  ask(add("clip.mov", "short"), "thumb");

  work_until_idle();

  ASSERT_THAT(jobs(), SizeIs(1));
  EXPECT_EQ(jobs().front().state, JobState::failed);
  EXPECT_EQ(jobs().front().attempts, 1);
  EXPECT_THAT(*jobs().front().error, HasSubstr("no such frame"));
}

TEST_F(Working, HearsOfANewJobAtOnce) {
  std::stop_source stop;
  Crew crew(catalog(), settings_, options(CrewOptions::Until::stopped));
  std::jthread working([&] { must(crew.work(stop.get_token())); });
  const AssetId clip = add("clip.mov", "the clip");

  ask(clip, "thumb", Priority::waited);

  EXPECT_TRUE(wait_until([&] { return rendition(clip, "thumb").has_value(); }));
  stop.request_stop();
}

TEST_F(Working, NotesHowFarItIs) {
  ask(add("clip.mov", "the clip"), "thumb");
  std::optional<Clock::time_point> begun;
  std::int64_t seen = 0;
  on_step_ = [&](const std::stop_token&) {
    // Notes are a second apart, so the first step takes that long.
    if (!begun) begun = Clock::now();
    static_cast<void>(wait_until([&] { return Clock::now() - *begun > std::chrono::seconds(1); }));
    const std::vector<Job> all = jobs();
    if (!all.empty()) seen = std::max(seen, all.front().progress);
  };

  work_until_idle();

  EXPECT_GT(seen, 0);
}

TEST_F(Working, BeginsAgainWhatADeadWorkerHad) {
  const AssetId clip = add("clip.mov", "the clip");
  ask(clip, "thumb");
  die_with_a_job("dead");
  ASSERT_EQ(jobs().front().state, JobState::running);

  work_until_idle();

  EXPECT_TRUE(rendition(clip, "thumb"));
}

TEST_F(Working, EndsAJobThatKillsItsWorkers) {
  ask(add("clip.mov", "the clip"), "thumb");
  for (const char* id : {"first", "second", "third"}) {
    die_with_a_job(id);
    must(give_back_of_the_dead(catalog()));
  }

  ASSERT_THAT(jobs(), SizeIs(1));
  EXPECT_EQ(jobs().front().state, JobState::failed);
  EXPECT_THAT(*jobs().front().error, HasSubstr("died"));
}

TEST_F(Working, LeavesAloneWhatALivingWorkerHas) {
  ask(add("clip.mov", "the clip"), "thumb");
  die_with_a_job("living");
  const Fd mark = must(Marks(library(), Marks::Of::workers).mark_alive("living"));

  must(give_back_of_the_dead(catalog()));

  EXPECT_EQ(jobs().front().state, JobState::running);
  EXPECT_TRUE(any_worker(catalog()));
}

TEST_F(Working, OfSeveralCrewsDoesEachJobOnce) {
  constexpr int kClips = 40;
  for (int i = 0; i < kClips; ++i) {
    ask(add("clip" + std::to_string(i) + ".mov", "clip " + std::to_string(i)), "thumb");
  }
  Crew one(catalog(), settings_, options(CrewOptions::Until::idle));
  const auto again = must(Catalog::open(library()));
  Crew other(*again, settings_, options(CrewOptions::Until::idle));
  {
    std::jthread first([&] { must(one.work({})); });
    std::jthread second([&] { must(other.work({})); });
  }

  EXPECT_THAT(jobs(), IsEmpty());
  EXPECT_THAT(calls_, SizeIs(kClips));
}

TEST_F(Working, WithoutEnginesFailsNoJob) {
  ask(add("clip.mov", "the clip"), "thumb");
  class NoEngines final : public Engines {
   public:
    Status start() override { return fail(Errc::not_found, "there is no program"); }
    void use_threads(unsigned) override {}
    Answers run(const MediaSource&, std::span<const Order>, Engine, const Progress&,
                std::stop_token) override {
      return {};
    }
    Result<MediaFacts> probe(const MediaSource&, std::stop_token) override {
      return fail(Errc::not_found);
    }
    Result<Made> outline(const MediaSource&, const Recipe&, const OutlineFiles&,
                         std::stop_token) override {
      return fail(Errc::not_found);
    }
    Status open_slots(const MediaSource&, const Recipe&, const OutlineFiles&,
                      std::int64_t) override {
      return fail(Errc::not_found);
    }
    Status render_slots(const SlotMap::Slots&, const SlotTold&) override {
      return fail(Errc::not_found);
    }
    void close_slots() override {}
    const std::string& build() const override { return build_; }

   private:
    std::string build_;
  };
  Crew crew(catalog(), settings_,
            {.until = CrewOptions::Until::idle,
             .engines = [](const RenditionSettings&) { return std::make_unique<NoEngines>(); }});

  EXPECT_EQ(error_code(crew.work({})), Errc::not_found);
  EXPECT_EQ(jobs().front().state, JobState::waiting);
  EXPECT_EQ(jobs().front().attempts, 0);
}

TEST_F(Working, DropsWhatWasPurgedMeanwhile) {
  const AssetId clip = add("clip.mov", "the clip");
  ask(clip, "thumb");
  on_step_ = [&](const std::stop_token&) {
    for (const Job& job : jobs()) {
      must(catalog().write([&](Transaction& txn) { return drop_job(txn, job.id); }));
    }
  };

  work_until_idle();

  EXPECT_FALSE(rendition(clip, "thumb"));
  EXPECT_THAT(jobs(), IsEmpty());
}

}  // namespace
}  // namespace lensfs::test
