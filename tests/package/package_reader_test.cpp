// A package's samples and annotations found at random, over tables in memory that count what is read of them.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "vetset/base/table_rows.h"
#include "vetset/package/annotation_rows.h"
#include "vetset/package/sample_index.h"

using namespace vetset;

namespace {

TextColumn texts(const std::vector<std::string>& values) {
  TextColumn column;
  for (const std::string& value : values) column.add(value);
  return column;
}

/// Groups that are there already. As many groups as tables; bounds of one column, as a writer states them.
class CountedGroups final : public RowGroups {
 public:
  CountedGroups(std::vector<Table> groups, std::string sorted_by)
      : groups_(std::move(groups)), by_(std::move(sorted_by)) {
    for (const Table& group : groups_)
      ends_.push_back((ends_.empty() ? 0 : ends_.back()) + std::get<TextColumn>(group[0].values).ends.size());
  }
  std::span<const std::uint64_t> ends() const override { return ends_; }
  const std::vector<std::string>& columns() const override { return names_; }
  bool may_hold(std::size_t group, std::string_view column, std::string_view text) const override {
    if (column != by_) return true;
    const auto& values = std::get<TextColumn>(column_named(groups_[group], column)->values);
    return text_at(values, 0) <= text && text <= text_at(values, values.ends.size() - 1);
  }
  Result<Table> read(std::size_t group, const std::vector<std::string>& columns) const override {
    ++reads;
    Table table;
    for (const TableColumn& column : groups_[group])
      if (columns.empty() || std::find(columns.begin(), columns.end(), column.name) != columns.end())
        table.push_back(column);
    return table;
  }
  Result<void> pieces(std::uint64_t, const std::vector<std::string>&,
                      const std::function<Result<void>(const Table&)>&) const override {
    return {};
  }
  Result<void> stream(ArrowArrayStream&) const override { return {}; }

  mutable std::atomic<int> reads = 0;

 private:
  std::vector<Table> groups_;
  std::string by_;
  std::vector<std::uint64_t> ends_;
  std::vector<std::string> names_;
};

Table samples(const std::vector<std::string>& keys, const std::vector<std::string>& paths) {
  return {{"sample_id", texts(keys)}, {"path", texts(paths)}};
}

Table marks(const std::vector<std::string>& of, const std::vector<double>& x, bool with_x = true) {
  Table table = {{"sample_id", texts(of)}, {"x", x, std::vector<bool>(x.size(), !with_x)}};
  return table;
}

std::vector<double> xs(const Result<Table>& table) {
  REQUIRE(table);
  const TableColumn* const x = column_named(*table, "x");
  return x == nullptr ? std::vector<double>() : std::get<std::vector<double>>(x->values);
}

}  // namespace

TEST_CASE("a sample is found in the one group that may hold it, and a group is read once") {
  const CountedGroups table({samples({"a", "b"}, {"a", "b"}), samples({"c", "d"}, {"a", "b"})}, "sample_id");
  const SampleIndex index(table);
  CHECK(index.size() == 4);
  CHECK(table.reads == 0);
  CHECK(*index.find_key("d") == std::optional<std::uint64_t>(3));
  CHECK(table.reads == 1);
  CHECK(index.at(2)->key == "c");
  CHECK(table.reads == 1);
  CHECK(index.at(1)->key == "b");
  CHECK(table.reads == 2);
  CHECK(*index.find_key("e") == std::nullopt);
  CHECK(*index.find_key("bb") == std::nullopt);
  CHECK(index.at(4).error().message == "there is no sample 4, only 4");
}

TEST_CASE("of samples that share a path the first is found, whatever their keys") {
  const CountedGroups table({samples({"z", "p", "y"}, {"p", "q", "p"}), samples({"x"}, {"w"})}, "");
  const SampleIndex index(table);
  CHECK(*index.find_path("p") == std::optional<std::uint64_t>(0));
  CHECK(*index.find_path("q") == std::optional<std::uint64_t>(1));
  CHECK(*index.find_path("w") == std::optional<std::uint64_t>(3));
  CHECK(*index.find_path("z") == std::nullopt);
}

TEST_CASE("many threads that ask for one group read it once") {
  const CountedGroups table({samples({"a", "b"}, {"a", "b"})}, "sample_id");
  const SampleIndex index(table);
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      if (const auto sample = index.at(1); sample && sample->key == "b") ++right;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 8);
  CHECK(table.reads == 1);
}

TEST_CASE("the annotations of a sample come together in their order, from wherever they lie") {
  const CountedGroups table({marks({"a", "b", "a"}, {1, 2, 3}), marks({"c", "a"}, {4, 5}), marks({"b"}, {6})}, "");
  const AnnotationRows rows(table, 1 << 20);
  CHECK(xs(rows.of("a")) == std::vector<double>{1, 3, 5});
  CHECK(xs(rows.of("b")) == std::vector<double>{2, 6});
  CHECK(rows.of("d")->empty());
}

TEST_CASE("a column that some groups have no value in is missing there, and one without any is left out") {
  const CountedGroups table({marks({"a"}, {0}, false), marks({"a", "b"}, {5, 6})}, "");
  const AnnotationRows rows(table, 1 << 20);
  const auto found = rows.of("a");
  REQUIRE(found);
  const TableColumn* const x = column_named(*found, "x");
  REQUIRE(x != nullptr);
  CHECK(x->missing == std::vector<bool>{true, false});
  const CountedGroups none({marks({"a"}, {0}, false)}, "");
  CHECK(column_named(*AnnotationRows(none, 1 << 20).of("a"), "x") == nullptr);
}

TEST_CASE("decoded groups are kept up to a budget, and read again beyond it") {
  const CountedGroups table({marks({"a"}, {1}), marks({"b"}, {2})}, "sample_id");
  const AnnotationRows plenty(table, 1 << 20), little(table, 0);
  for (const AnnotationRows* rows : {&plenty, &little}) {
    table.reads = 0;
    for (int i = 0; i < 3; ++i)
      for (const char* key : {"a", "b"}) CHECK(xs(rows->of(key)).size() == 1);
    CHECK(table.reads == (rows == &plenty ? 4 : 8));  // whose rows they are is read once a group
  }
}

TEST_CASE("rows that are picked are those that were asked for") {
  const Table table = {{"n", std::vector<std::int64_t>{7, 8, 9}},
                       {"t", texts({"x", "", "z"}), {false, true, false}},
                       {"l", ListColumn<std::vector<double>>{{1, 2, 3}, {1, 1, 3}}}};
  const std::uint32_t wanted[] = {2, 0};
  RowPicker picked;
  picked.add(table, wanted);
  const Table rows = picked.finish();
  CHECK(std::get<std::vector<std::int64_t>>(column_named(rows, "n")->values) == std::vector<std::int64_t>{9, 7});
  CHECK(std::get<TextColumn>(column_named(rows, "t")->values).bytes == "zx");
  CHECK(std::get<NumberLists>(column_named(rows, "l")->values).values == std::vector<double>{2, 3, 1});
  CHECK(std::get<NumberLists>(column_named(slice_of(table, 1, 3), "l")->values).ends == std::vector<std::size_t>{0, 2});
  CHECK(slice_of(table, 1, 2)[1].missing == std::vector<bool>{true});
}
