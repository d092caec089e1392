#include "vetset/vetset_fix_log.h"

#include <algorithm>
#include <map>
#include <set>

#include "vetset/dataset/arrange.h"
#include "vetset/dataset/canonical.h"
#include "vetset/dataset/edit.h"

namespace vetset {

const Repair leave_out_copy{.code = "LEA319",
                            .name = "leave-out-copy",
                            .title = "leave out copies of a picture",
                            .safe = false,
                            .apply = nullptr};

const Repair review_answer{.code = "review",
                           .name = "review-answer",
                           .title = "take over what people answered",
                           .safe = false,
                           .apply = nullptr};

namespace {

const Repair* repair_named(std::string_view name) {
  if (name == leave_out_copy.name) return &leave_out_copy;
  if (name == review_answer.name) return &review_answer;
  const auto found = std::find_if(repairs().begin(), repairs().end(), [&](const Repair* r) { return r->name == name; });
  return found == repairs().end() ? nullptr : *found;
}

AnnotationIndex after_of(const Join& join, AnnotationIndex i) {
  const auto pair = join.of(i);
  return pair.empty() ? none<AnnotationIndex> : pair.front();
}

std::string file_row(const File& file) { return file.bom ? R"({"bom":true})" : R"({"bom":false})"; }

std::string json_string(std::string_view text) {
  std::string json;
  append_canonical_string(json, text);
  return json;
}

/// A label file that went with its images, as far as no row says it.
std::string label_file(const Dataset& d, FileIndex index) {
  const File& file = d[index];
  std::string json;
  JsonWriter out(json);
  out.begin_object()
      .key("path")
      .raw(json_string(d.path(index)))
      .key("bom")
      .value(file.bom)
      .key("crlf")
      .value(file.crlf);
  out.key("final_newline").value(file.final_newline).key("unread").begin_array();
  for (const Unread& line : d.unread)
    if (line.file == index) out.begin_array().value(line.order).raw(json_string(d.text(line.text))).end_array();
  out.end_array().end_object();
  return json;
}

/// Makes the edits of one round with the rows of both sides: those that repairs made, and what followed from them.
class RoundLog {
 public:
  RoundLog(const Dataset& before, const Workbench::Finished& result, const std::vector<Workbench::Edit>& made,
           unsigned round, const Pool& pool)
      : d_(before),
        result_(result),
        round_(round),
        before_(before, pool),
        after_(result.dataset, pool),
        annotations_(before.annotations.size()),
        images_(before.images.size()),
        categories_(before.categories.size()),
        memberships_(before.memberships.size()) {
    if (result.dataset.annotations.size() != before.annotations.size()) find_orders();
    for (const File& file : result.dataset.files) files_.insert(result.dataset.text(file.path));
    for (const Workbench::Edit& e : made) add(e);
    follow(made);
    bare_annotations(pool);
  }
  std::vector<Edit> edits, consequences;

 private:
  /// Numbers of records that stay: in their file, one that goes leaves no gap where another has its number.
  void find_orders() {
    for (std::size_t n = 0; n < d_.annotations.size(); ++n)
      if (const auto i = to_index<AnnotationIndex>(n); after_of(result_.join, i) != none<AnnotationIndex>)
        orders_.insert({file_of(d_, i), d_[i].order});
    for (const Unread& line : d_.unread) orders_.insert({line.file, line.order});
  }

  void add(const Workbench::Edit& e) {
    Edit edit{.repair = repair_named(e.repair), .round = round_, .owner = e.owner, .what = e.what};
    if (e.added && !added(edit, result_.added[e.index])) return;  // it went with its image at once
    if (e.owner == Owner::annotation && !e.added) annotation(edit, AnnotationIndex{e.index});
    if (e.owner == Owner::image) image(edit, ImageIndex{e.index}, e.same_file, e.media != MediaChange::none);
    if (e.media != MediaChange::none) edit.media = e.media;
    if (e.owner == Owner::category) category(edit, CategoryIndex{e.index}, e.dropped);
    if (e.owner == Owner::split) membership(edit, e.index);
    if (e.owner == Owner::dataset) {
      edit.record = "file";
      edit.where = d_.path(FileIndex{e.index});
      edit.before = file_row(d_.files[e.index]);
      edit.after = R"({"bom":false})";
    }
    edits.push_back(std::move(edit));
  }

  bool added(Edit& edit, AnnotationIndex j) const {
    if (j == none<AnnotationIndex>) return false;
    edit.record = "annotation";
    edit.where = place_name(result_.dataset, j);
    edit.after = after_.of(j);
    return true;
  }

  void annotation(Edit& edit, AnnotationIndex i) {
    annotations_[to_size(i)] = true;
    edit.record = "annotation";
    edit.where = place_name(d_, i);
    edit.before = before_.of(i);
    edit.authored = d_.authored_text(i);
    if (const AnnotationIndex j = after_of(result_.join, i); j != none<AnnotationIndex>) edit.after = after_.of(j);
    if (d_[i].box_origin == Origin::derived || d_[i].box_origin == Origin::unplaced)
      edit.more.emplace_back("box_origin", d_[i].box_origin == Origin::derived ? "\"derived\"" : "\"unplaced\"");
    const FileIndex file = file_of(d_, i);
    if (file != none<FileIndex>) edit.more.emplace_back("file", json_string(d_.path(file)));
    if (file != none<FileIndex> && edit.after.empty() && !files_.contains(d_.path(file)))
      edit.more.emplace_back("file_gone", "true");
    if (edit.after.empty() && orders_.contains({file, d_[i].order})) edit.more.emplace_back("order_stays", "true");
    if (!edit.authored.empty()) authored_.push_back(i);
  }

  void header(Edit& edit, ImageIndex i) const {
    if (d_[i].size_origin == SizeOrigin::header)
      edit.more.emplace_back("header", "[" + std::to_string(d_[i].width) + "," + std::to_string(d_[i].height) + "]");
  }

  void image(Edit& edit, ImageIndex i, ImageIndex same_file, bool media = false) {
    images_[to_size(i)] = true;
    edit.record = "image";
    edit.where = d_.path(i);
    edit.before = before_.of(i);
    if (const ImageIndex j = result_.join.images[to_size(i)]; j != none<ImageIndex>) {
      edit.after = after_.of(j);
      if (d_[i].file == none<FileIndex>) edit.more.emplace_back("label_file", "null");
      if (media) header(edit, i);
      return;
    }
    if (same_file != none<ImageIndex>) edit.more.emplace_back("same_file", json_string(d_.path(same_file)));
    header(edit, i);
    if (d_[i].file != none<FileIndex>) edit.more.emplace_back("label_file", label_file(d_, d_[i].file));
  }

  void category(Edit& edit, CategoryIndex i, bool dropped) {
    categories_[to_size(i)] = true;
    edit.record = "category";
    edit.where = "class " + d_[i].name;
    edit.before = before_.of(i);
    if (!dropped) edit.after = after_.of(result_.join.categories[to_size(i)]);
    if (dropped && result_.renumbered) edit.more.emplace_back("renumbered", "true");
  }

  void membership(Edit& edit, std::size_t m) {
    memberships_[m] = true;
    edit.record = "membership";
    edit.where = d_.path(d_.memberships[m].image);
    edit.before = before_.of_membership(m);
  }

  /// The edit that another follows from.
  Edit caused(const Workbench::Edit& cause, std::string_view because, std::string what) const {
    return {.repair = repair_named(cause.repair),
            .round = round_,
            .what = std::move(what),
            .because = std::string(because)};
  }

  /// Rows that no repair named and that are gone, or say something else than before. Places that closed up, and
  /// numbers and names of other records that a row repeats, are no change of its own.
  void follow(const std::vector<Workbench::Edit>& made) {
    std::map<ImageIndex, const Workbench::Edit*> gone;
    std::map<CategoryIndex, const Workbench::Edit*> merged;
    for (const Workbench::Edit& e : made) {
      if (e.owner == Owner::image && e.dropped) gone.emplace(ImageIndex{e.index}, &e);
      if (e.owner == Owner::category) merged.emplace(CategoryIndex{e.index}, &e);
    }
    const Workbench::Edit& any = made.front();
    const auto class_name = [&](CategoryIndex c) { return "class " + d_[c].name; };
    for (std::size_t n = 0; n < d_.annotations.size() && !(gone.empty() && merged.empty()); ++n) {
      const auto i = to_index<AnnotationIndex>(n);
      const auto image_gone = gone.find(d_[i].image);
      const auto class_gone = merged.find(d_[i].category);
      if (annotations_[n] || (image_gone == gone.end() && class_gone == merged.end())) continue;
      Edit edit = image_gone != gone.end()
                      ? caused(*image_gone->second, d_.path(d_[i].image), "dropped with its image")
                      : caused(*class_gone->second, class_name(d_[i].category), "has the class that its own went into");
      edit.owner = Owner::annotation;
      annotation(edit, i);
      consequences.push_back(std::move(edit));
    }
    for (std::size_t m = 0; m < d_.memberships.size() && !gone.empty(); ++m) {
      const auto image_gone = gone.find(d_.memberships[m].image);
      if (memberships_[m] || image_gone == gone.end()) continue;
      Edit edit = caused(*image_gone->second, d_.path(image_gone->first), "left its split with its image");
      edit.owner = Owner::split;
      membership(edit, m);
      consequences.push_back(std::move(edit));
    }
    for (std::size_t n = 0; n < d_.images.size(); ++n) {
      const auto i = to_index<ImageIndex>(n);
      const ImageIndex j = result_.join.images[n];
      if (images_[n] || j == none<ImageIndex> || before_.of(i) == after_.of(j)) continue;
      Edit edit = caused(any, "other edits", "follows other edits");
      edit.owner = Owner::image;
      image(edit, i, none<ImageIndex>);
      consequences.push_back(std::move(edit));
    }
    for (std::size_t n = 0; n < d_.categories.size() && !merged.empty(); ++n) {
      const auto i = to_index<CategoryIndex>(n);
      if (categories_[n] || before_.of(i) == after_.of(result_.join.categories[n])) continue;
      Edit edit = caused(*merged.begin()->second, class_name(merged.begin()->first), "moved up");
      edit.owner = Owner::category;
      category(edit, i, false);
      consequences.push_back(std::move(edit));
    }
    for (std::size_t n = 0; n < d_.splits.size() && !merged.empty() && !d_.category_listings.empty(); ++n) {
      Edit edit = caused(*merged.begin()->second, class_name(merged.begin()->first), "lists the class no more");
      edit.owner = Owner::split;
      edit.record = "split";
      edit.where = "split " + d_.splits[n].name;
      edit.before = before_.of(to_index<SplitIndex>(n));
      edit.after = after_.of(result_.join.splits[n]);
      if (edit.before != edit.after) consequences.push_back(std::move(edit));
    }
    for (std::size_t n = 0; n < d_.licences.size() && !gone.empty(); ++n) {
      if (result_.join.licences[n] != none<LicenceIndex>) continue;
      Edit edit =
          caused(*gone.begin()->second, d_.path(gone.begin()->first), "dropped with the last image that named it");
      edit.owner = Owner::licence;
      edit.record = "licence";
      edit.where = "licence " + d_.licences[n].name;
      edit.before = before_.of(to_index<LicenceIndex>(n));
      consequences.push_back(std::move(edit));
    }
  }

  /// A row as authored stands for its pixels; what these were is listed beside it.
  void bare_annotations(const Pool& pool) {
    if (authored_.empty()) return;
    Selection selection{.annotations = std::vector<bool>(d_.annotations.size(), false)};
    for (const AnnotationIndex i : authored_) selection.annotations[to_size(i)] = true;
    Selected bare = selected(d_, selection);
    bare.dataset.authored = {};
    const CanonicalRows rows(bare.dataset, pool);
    std::size_t next = 0;
    for (std::vector<Edit>* list : {&edits, &consequences})
      for (Edit& edit : *list) {
        if (edit.authored.empty()) continue;
        const std::string row = rows.of(after_of(bare.join, authored_[next++]));
        std::string pixels;
        JsonWriter out(pixels);
        out.begin_object();
        JsonCursor in(row);
        for (in.enter_object(); in.next_member();) {
          const std::string key(in.key());
          const std::string_view value = in.skip();
          if (key == "box" || key == "shapes") out.key(key).raw(value);
        }
        out.end_object();
        edit.more.emplace_back("pixels", pixels);
      }
  }

  const Dataset& d_;
  const Workbench::Finished& result_;
  unsigned round_;
  CanonicalRows before_, after_;
  std::vector<bool> annotations_, images_, categories_, memberships_;  // that some edit names
  std::set<std::pair<FileIndex, std::uint32_t>> orders_;
  std::set<std::string_view> files_;       // that are left
  std::vector<AnnotationIndex> authored_;  // in the order of edits, then consequences
};

/// What the edits may change besides the annotations they name: so many records of a field.
std::map<Field, std::uint64_t> allowed_changes(const Workbench::Finished& result,
                                               const std::vector<Workbench::Edit>& made) {
  std::map<Field, std::uint64_t> allowed;
  std::map<std::pair<Field, std::uint32_t>, bool> once;
  const auto allow = [&](Field field, std::uint32_t index) {
    if (once.emplace(std::pair(field, index), true).second) ++allowed[field];
  };
  for (const Workbench::Edit& e : made) {
    if (e.owner == Owner::category)
      for (const Field f : {Field::category, Field::category_id, Field::category_order, Field::annotation_authored})
        allowed[f] = ~0ULL;
    if (e.owner == Owner::category) allowed[Field::split_categories] = ~0ULL;
    if (e.owner == Owner::split)  // those behind it move up
      for (const Field f : {Field::split_members, Field::image_order}) allowed[f] = ~0ULL;
    if (e.added && result.added[e.index] != none<AnnotationIndex>)
      allow(Field::image_state, static_cast<std::uint32_t>(result.dataset[result.added[e.index]].image));
    if (e.owner != Owner::image || e.dropped) continue;
    if (e.repair == "file-size" || e.media != MediaChange::none) allow(Field::image_size, e.index);
    if (e.repair == "portable-path" || e.repair == "extension-of-type") allow(Field::image_path, e.index);
    if (e.repair == "new-image-id") allow(Field::image_id, e.index);
    if (e.repair == "mark-as-background") allow(Field::image_state, e.index);
  }
  return allowed;
}

/// Compares everything that no edit speaks of. An image that is left out takes its annotations along.
Result<void> nothing_else_changed(const Dataset& before, const Workbench::Finished& result,
                                  const std::vector<Workbench::Edit>& made, const Pool& pool) {
  Selection left{.images = std::vector<bool>(before.images.size(), true),
                 .annotations = std::vector<bool>(before.annotations.size(), true)};
  std::vector<bool> merged(before.categories.size(), false);
  for (const Workbench::Edit& e : made) {
    if (e.owner == Owner::annotation && !e.added) left.annotations[e.index] = false;
    if (e.owner == Owner::image && e.dropped) left.images[e.index] = false;
    if (e.owner == Owner::category) merged[e.index] = true;
  }
  for (std::size_t n = 0; n < before.annotations.size(); ++n)
    if (const CategoryIndex c = before.annotations[n].category; c != none<CategoryIndex> && merged[to_size(c)])
      left.annotations[n] = false;
  Selection right{.images = std::vector<bool>(result.dataset.images.size(), true),
                  .annotations = std::vector<bool>(result.dataset.annotations.size(), true)};
  for (std::size_t n = 0; n < before.annotations.size(); ++n)
    if (const AnnotationIndex j = after_of(result.join, to_index<AnnotationIndex>(n));
        !left.annotations[n] && j != none<AnnotationIndex>)
      right.annotations[to_size(j)] = false;
  for (const AnnotationIndex j : result.added)
    if (j != none<AnnotationIndex>) right.annotations[to_size(j)] = false;
  const Selected a = selected(before, left), b = selected(result.dataset, right);

  // before → a, before → result, result → b: so a → b.
  Join join = a.join;
  const auto onward = [](auto& to, const auto& from_before, const auto& from_result, const auto& of_a,
                         std::size_t size) {
    using Index = std::decay_t<decltype(to[0])>;
    to = {};
    to.resize(size, none<Index>);
    for (std::size_t i = 0; i < from_before.size(); ++i)
      if (of_a[i] != none<Index> && from_before[i] != none<Index>)
        to[to_size(of_a[i])] = from_result[to_size(from_before[i])];
  };
  onward(join.splits, result.join.splits, b.join.splits, a.join.splits, a.dataset.splits.size());
  onward(join.categories, result.join.categories, b.join.categories, a.join.categories, a.dataset.categories.size());
  for (std::size_t c = 0; c < merged.size(); ++c)  // a class that went into another is not that other
    if (merged[c] && a.join.categories[c] != none<CategoryIndex>)
      join.categories[to_size(a.join.categories[c])] = none<CategoryIndex>;
  onward(join.licences, result.join.licences, b.join.licences, a.join.licences, a.dataset.licences.size());
  onward(join.images, result.join.images, b.join.images, a.join.images, a.dataset.images.size());
  join.image_sources = {};
  join.image_sources.resize(b.dataset.images.size(), none<ImageIndex>);
  for (std::size_t i = 0; i < join.images.size(); ++i)
    if (join.images[i] != none<ImageIndex>) join.image_sources[to_size(join.images[i])] = to_index<ImageIndex>(i);
  join.annotation_begin = {};
  join.annotations = {};
  std::vector<AnnotationIndex> of(a.dataset.annotations.size(), none<AnnotationIndex>);
  for (std::size_t n = 0; n < before.annotations.size(); ++n) {
    const auto i = to_index<AnnotationIndex>(n);
    const AnnotationIndex in_a = after_of(a.join, i), in_result = after_of(result.join, i);
    if (in_a != none<AnnotationIndex> && in_result != none<AnnotationIndex>)
      of[to_size(in_a)] = after_of(b.join, in_result);
  }
  join.annotation_begin.push_back(0);
  for (const AnnotationIndex i : of) {
    if (i != none<AnnotationIndex>) join.annotations.push_back(i);
    join.annotation_begin.push_back(static_cast<std::uint32_t>(join.annotations.size()));
  }

  const std::map<Field, std::uint64_t> allowed = allowed_changes(result, made);
  for (const Difference& line : compare(a.dataset, b.dataset, join, {.pool = &pool})) {
    if (line.outcome == Outcome::kept) continue;
    const auto limit = allowed.find(line.field);
    if (limit != allowed.end() && line.count <= limit->second) continue;
    return Error{Code::defect,
                 "a repair changed " + std::string(name(line.field)) +
                     " of a record that it does not name: " + line.before + " became " + line.after,
                 line.where};
  }
  return {};
}

}  // namespace

void write_edit(JsonWriter& out, const Edit& edit) {
  const auto row = [&](std::string_view key, const std::string& json) {
    out.key(key);
    if (json.empty())
      out.null();
    else
      out.raw(json);
  };
  out.begin_object().key("code").value(edit.repair->code).key("repair").value(edit.repair->name);
  out.key("round").value(std::uint64_t{edit.round}).key("record").value(edit.record);
  out.key("where").raw(json_string(edit.where)).key("what").raw(json_string(edit.what));
  row("before", edit.before);
  row("after", edit.after);
  if (!edit.authored.empty()) out.key("authored").raw(json_string(edit.authored));
  if (!edit.because.empty()) out.key("because").raw(json_string(edit.because));
  for (const auto& [key, json] : edit.more) out.key(key).raw(json);
  out.end_object();
}

Result<RoundEdits> logged_round(const Dataset& before, const Workbench::Finished& result,
                                const std::vector<Workbench::Edit>& made, unsigned round, const Pool& pool) {
  VETSET_DO(nothing_else_changed(before, result, made, pool));
  RoundLog log(before, result, made, round, pool);
  return RoundEdits{std::move(log.edits), std::move(log.consequences)};
}

}  // namespace vetset
