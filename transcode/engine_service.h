// The decoder's service: a program that a client starts with one end of a control socket
// (protocol.h). It loads what engines need, and then forks one child for each request, which enters
// the sandbox, runs an engine, and answers to the client. The service itself looks at no media. It
// lives until its client closes the socket or dies.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "transcode/outline.h"

namespace lensfs {

// What it runs; a table so that tests can do what a real engine must not.
struct Engines {
  void (*prepare)() = nullptr;
  Answers (*make_stills)(const MediaSource&, std::span<const Order>, const Progress&) = nullptr;
  Answers (*make_timed)(const MediaSource&, std::span<const Order>, const Progress&) = nullptr;
  Answers (*make_facts)(const MediaSource&, std::span<const Order>, const Progress&) = nullptr;
  Result<MediaFacts> (*probe_timed)(const MediaSource&, const Progress&) = nullptr;
  Result<Made> (*outline_timed)(const MediaSource&, const Recipe&, const OutlineFiles&) = nullptr;
  Result<std::unique_ptr<SlotRenderer>> (*open_slots)(const MediaSource&, const Recipe&,
                                                      const OutlineFiles&) = nullptr;
  std::string (*build)() = nullptr;
};

// The whole program: `words` are those of its command line, without its name.
//   --allow-unsandboxed   work even where the kernel lacks a part of the sandbox
//   --check               say on standard output what the kernel lacks, and end; 1 if anything
// The exit status; 2 for other words.
[[nodiscard]] int run_engine_program(std::span<const char* const> words, const Engines& engines);

}  // namespace lensfs
