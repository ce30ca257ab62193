// access: who may see what. Rules are set, shown, taken away and explained.
#include "catalog/model/access.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "catalog/model/access_view.h"
#include "tools/cli/asset_path.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

using Words = std::vector<std::string>;

Error wrong_use(const char* text) {
  return Error(Errc::usage, text);
}

// What a path is, with its rules.
struct Place {
  NodeId node{};
  AccessScope scope;
};

Result<Place> place_at(AssetPaths& paths, Database& db, const std::string& path) {
  LENSFS_TRY(const NodeId node, paths.node_at(path));
  auto scope = paths.tree().access().scope_of(db, node);
  if (!scope) {
    const bool is_other = scope.error().code() == Errc::not_supported;
    const Error why = is_other ? Error(Errc::not_supported,
                                       "has no rule of its own; the library, projects, folders,"
                                       " terms and files have")
                               : scope.error();
    return fail(why.with(path));
  }
  return Place{node, *scope};
}

void print_rule(const Invocation& invocation, const std::string& scope, const std::string& text) {
  if (invocation.has("json")) {
    print_line(JsonObject().set("scope", scope).set("rule", text).text());
  } else {
    print_line(fmt::format("{}: {}", shown_text(scope), shown_text(text)));
  }
}

Result<ExitCode> show_rules(const Invocation& invocation, const Words& words) {
  const Words given(words.begin() + 1, words.end());
  LENSFS_TRY(const auto catalog, open_library(invocation, given));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  LENSFS_TRY(std::vector<StoredRule> rules, all_access_rules(*reader));
  if (!given.empty()) {
    AssetPaths paths(*catalog);
    std::vector<StoredRule> wanted;
    for (const std::string& path : given) {
      LENSFS_TRY(const Place place, place_at(paths, *reader, path));
      for (const StoredRule& rule : rules) {
        if (rule.scope == place.scope) wanted.push_back(rule);
      }
    }
    rules = std::move(wanted);
  }
  for (const StoredRule& rule : rules) {
    LENSFS_TRY(const std::string scope, name_of_scope(*reader, rule.scope));
    print_rule(invocation, scope, rule.text);
  }
  return rules.empty() ? ExitCode::nothing_found : ExitCode::done;
}

// Rules hold on the drive. Whoever can read the library's own folder needs no drive.
void warn_of_open_library(const Catalog& catalog) {
  struct stat status {};
  if (::stat(catalog.path().c_str(), &status) != 0 || (status.st_mode & 077) == 0) return;
  complain("access", fmt::format("others can read the library past all rules; run \"chmod 700 {}\"",
                                 catalog.path().native()));
}

Result<ExitCode> set_rule(const Invocation& invocation, const Words& words) {
  if (words.size() != 3) return fail(wrong_use("give a path and a rule: access set PATH RULE"));
  LENSFS_CHECK(parse_access_rule(words[2]));
  LENSFS_TRY(const auto catalog, open_library(invocation, {words[1]}));
  AssetPaths paths(*catalog);
  Place place;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog->read());
    LENSFS_TRY(place, place_at(paths, *reader, words[1]));
  }
  LENSFS_CHECK(catalog->write([&](Transaction& txn) {
    return set_access_rule(txn, actor_of_process(), place.scope, words[2]);
  }));
  warn_of_open_library(*catalog);
  return ExitCode::done;
}

Result<ExitCode> clear_rules(const Invocation& invocation, const Words& words) {
  if (words.size() < 2) return fail(wrong_use("whose rule? Give paths: access clear PATH…"));
  const Words given(words.begin() + 1, words.end());
  LENSFS_TRY(const auto catalog, open_library(invocation, given));
  AssetPaths paths(*catalog);
  ExitCode code = ExitCode::done;
  for (const std::string& path : given) {
    Place place;
    {
      LENSFS_TRY(const Pool::Reader reader, catalog->read());
      LENSFS_TRY(place, place_at(paths, *reader, path));
    }
    const Status cleared = catalog->write(
        [&](Transaction& txn) { return clear_access_rule(txn, actor_of_process(), place.scope); });
    if (!cleared && cleared.error().code() == Errc::no_attribute) {
      code = ExitCode::nothing_found;
    } else if (!cleared) {
      return fail(cleared.error().with(path));
    }
  }
  return code;
}

Status print_said(const Invocation& invocation, Database& db, const AccessView::Said& said) {
  LENSFS_TRY(const std::string scope, name_of_scope(db, said.rule->scope));
  const std::string_view right = said.right ? name_of(*said.right) : "-";
  if (invocation.has("json")) {
    print_line(JsonObject()
                   .set("scope", scope)
                   .set("rule", said.rule->text)
                   .set("says", right)
                   .set("decides", said.decides)
                   .text());
    return {};
  }
  print_line(fmt::format("{:<8}{}: {}{}", right, shown_text(scope), shown_text(said.rule->text),
                         said.decides ? "  <- decides" : ""));
  return {};
}

Result<ExitCode> explain(const Invocation& invocation, const Words& words) {
  if (words.size() != 3) return fail(wrong_use("who, and what? access explain USER PATH"));
  LENSFS_TRY(const AccessCaller caller, caller_from(words[1]));
  LENSFS_TRY(const auto catalog, open_library(invocation, {words[2]}));
  AssetPaths paths(*catalog);
  LENSFS_TRY(const NodeId node, paths.node_at(words[2]));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  AccessGate& access = paths.tree().access();
  const auto print_right = [&](Right right, std::string_view why) {
    if (invocation.has("json")) {
      print_line(JsonObject().set("right", name_of(right)).set("why", why).text());
    } else {
      print_line(fmt::format("{:<8}{}", name_of(right), why));
    }
  };
  if (caller.uid && access.is_owner(*caller.uid)) {
    print_right(Right::manage, "the owner of the library and root manage everything");
    return ExitCode::done;
  }
  LENSFS_TRY(const AccessBook::View view, access.book().view(*reader, caller, Clock().now()));
  if (view == nullptr) {
    print_right(Right::write, "the library has no rules; owners and modes decide");
    return ExitCode::done;
  }
  LENSFS_TRY(const auto rules, access.rules_of(*reader, view->state(), node));
  bool any = false;
  for (const AccessView::Said& said : view->explain(rules)) {
    LENSFS_CHECK(print_said(invocation, *reader, said));
    any = any || said.right.has_value();
  }
  print_right(view->of(rules), any ? "in all: the lowest decides"
                                   : "no rule says anything; owners and modes decide");
  return ExitCode::done;
}

Result<ExitCode> roles(const Invocation& invocation, const Words& words) {
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  if (words.size() > 3) {
    return fail(wrong_use("give the members as one word: access roles NAME \"user:ada, group:x\""));
  }
  if (words.size() == 3) {
    LENSFS_CHECK(catalog->write(
        [&](Transaction& txn) { return set_role(txn, actor_of_process(), words[1], words[2]); }));
    return ExitCode::done;
  }
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  LENSFS_TRY(const std::vector<Role> all, all_roles(*reader));
  for (const Role& role : all) {
    if (words.size() == 2 && role.name != words[1]) continue;
    const std::string_view right = name_of(*right_of_role(role.name));
    if (invocation.has("json")) {
      print_line(JsonObject()
                     .set("role", role.name)
                     .set("right", right)
                     .set("members", role.members)
                     .text());
    } else {
      print_line(fmt::format("{:<10} {:<7} {}", role.name, right, shown_text(role.members)));
    }
  }
  return ExitCode::done;
}

Result<ExitCode> run_access(const Invocation& invocation) {
  const Words& words = invocation.operands();
  const std::string what = words.empty() ? "show" : words[0];
  if (what == "show") return show_rules(invocation, words.empty() ? Words{"show"} : words);
  if (what == "set") return set_rule(invocation, words);
  if (what == "clear") return clear_rules(invocation, words);
  if (what == "explain") return explain(invocation, words);
  if (what == "roles") return roles(invocation, words);
  return fail(Error(Errc::usage, "say show, set, clear, explain or roles").with(what));
}

}  // namespace

Command access_verb() {
  return {
      .name = "access",
      .summary = "say who may see and do what, and find out why",
      .description =
          "show [PATH…] prints rules, set PATH RULE and clear PATH… change them, explain USER PATH "
          "tells what somebody may do there and which rule decides, roles [NAME [MEMBERS]] shows "
          "or sets who has a role.\n\n"
          "A rule is a text such as group:editors=write, group:clients=proxy, other=none, "
          "until=2027-01-31. Subjects are user:NAME, group:NAME, role:NAME and other; a number may "
          "stand for a name. The rights, weakest first: none (not even the name), list, proxy "
          "(renditions only), read, write, manage. Roles and their rights are manager (manage), "
          "editor (write), assistant (read), reviewer (proxy) and guest (list). from= and until= "
          "take a day or a minute in UTC, 2027-01-31T18:30; outside of them those whom the rule "
          "names have no right, but who may manage.\n\n"
          "PATH is / for the whole library, a project, a folder, a term or a file. What a rule of "
          "the library or of a project does not name has nothing; rules of folders, terms and "
          "files leave others alone. Of all rules that bind a file the lowest right wins, by every "
          "path that leads to it. The owner of the library and root manage everything.\n\n"
          "Rules hold on the drive. Commands that open the library itself need to read its "
          "folder, which should be its owner's alone (mode 700). On a mounted drive the same text "
          "is the attribute user.lensfs.access, for those who may manage.",
      .operands = {.usage = "[show|set|clear|explain|roles] …", .completes = Completes::files},
      .options = {},
      .examples = {{{"lensfs access set Projects/demo \"group:editors=write, group:clients=proxy\"",
                     "editors work, clients see renditions, others nothing"},
                    {"lensfs access explain ada /mnt/media/Projects/demo/cut.mov",
                     "why she may see it, or not"}}},
      .run = run_access};
}

}  // namespace lensfs
