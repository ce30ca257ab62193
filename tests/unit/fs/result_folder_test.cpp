// What a folder of results stands for, and the node numbers that follow from it.
#include "fs/result_folder.h"

#include <gtest/gtest.h>

#include "fs/path_nodes.h"

namespace lensfs::test {
namespace {

ResultFolder tag_folder(std::string term, std::vector<ResultFolder::Filter> filters) {
  return {.base = ResultFolder::Base::tag, .text = std::move(term), .filters = std::move(filters)};
}

TEST(ResultFolder, IsTheSameInWhateverOrderItWasTyped) {
  const ResultFolder one = tag_folder("beach", {{"tag", "sunset"}, {"kind", "video"}});
  const ResultFolder other = tag_folder("sunset", {{"kind", "video"}, {"tag", "beach"}});

  EXPECT_EQ(one.canonical(), other.canonical());
  EXPECT_EQ(one.canonical().text, "beach");
}

TEST(ResultFolder, SaysAConditionOnce) {
  const ResultFolder folder =
      tag_folder("beach", {{"tag", "beach"}, {"kind", "video"}, {"kind", "video"}});

  EXPECT_EQ(folder.canonical(), tag_folder("beach", {{"kind", "video"}}));
}

TEST(ResultFolder, SpellsSlashesOfValuesInItsPath) {
  const ResultFolder folder = tag_folder("place/oslo", {{"tag", "time/winter"}});

  EXPECT_EQ(folder.path(), "Tags/place/oslo/tag=time%2Fwinter");
  EXPECT_EQ(folder.depth(), 4U);
}

TEST(PathNode, ComesBackFromItsSpec) {
  PathNode node;
  node.folder = tag_folder("a\nb", {{"scene", "1=2\n&"}, {"tag", "x/y"}});
  node.tail = PathNode::Tail::link;
  node.facet = "kind";
  node.value = "+";

  const auto back = PathNode::from_spec(node.spec());

  ASSERT_TRUE(back);
  EXPECT_EQ(*back, node);
}

TEST(PathNode, IsNotMadeOfOtherText) {
  EXPECT_FALSE(PathNode::from_spec(""));
  EXPECT_FALSE(PathNode::from_spec("Xbeach"));
  EXPECT_FALSE(PathNode::from_spec("Tbeach\n\n+"));
  EXPECT_FALSE(PathNode::from_spec("Tbeach\n&kind"));
}

// A log that lives as long as the test says.
class MemoryLog final : public PathLog {
 public:
  Status append(std::string_view spec) override {
    specs.emplace_back(spec);
    return {};
  }
  void each(const std::function<void(std::string_view)>& visit) override {
    for (const std::string& spec : specs) visit(spec);
  }
  std::vector<std::string> specs;
};

TEST(PathNodes, KeepTheirNumbersForTheNextServer) {
  MemoryLog log;
  PathNode node;
  node.folder = tag_folder("beach", {{"kind", "video"}});
  NodeId number{};
  {
    PathNodes first(log);
    number = first.remember(node).value();
  }

  const PathNodes second(log);

  EXPECT_EQ(*second.find(number).value(), node);
}

TEST(PathNodes, AreRememberedOnce) {
  MemoryLog log;
  PathNodes nodes(log);
  PathNode node;
  node.folder = tag_folder("beach", {});

  const NodeId one = nodes.remember(node).value();
  const NodeId two = nodes.remember(node).value();

  EXPECT_EQ(one, two);
  EXPECT_EQ(log.specs.size(), 1U);
}

TEST(PathNodes, ThatWereNeverGivenOutAreStale) {
  MemoryLog log;
  const PathNodes nodes(log);

  EXPECT_EQ(nodes.find(make_node(NodeClass::path, 42)).error().code(), Errc::stale);
}

}  // namespace
}  // namespace lensfs::test
