// privacy: what image files and labels tell of people and places; and a copy of a dataset without the image files'
// part.
#include <algorithm>
#include <map>
#include <tuple>

#include "vetset/base/json.h"
#include "vetset/base/private_text.h"
#include "vetset/base/unicode.h"
#include "vetset/dataset/canonical.h"
#include "vetset/image/metadata.h"
#include "vetset/image/probe.h"
#include "vetset/vetset.h"
#include "vetset/vetset_files.h"

namespace vetset {
namespace {

constexpr std::string_view kind_order[] = {"place", "person", "thumbnail", "device", "address", "user path", "unread"};

std::string_view kind_name(PrivateTrace::Kind kind) {
  return kind == PrivateTrace::Kind::user_path ? "user path" : name(kind);
}

std::size_t rank(std::string_view kind) {
  return static_cast<std::size_t>(std::find(std::begin(kind_order), std::end(kind_order), kind) -
                                  std::begin(kind_order));
}

bool can_be_stripped(ImageType type) {
  return type == ImageType::jpeg || type == ImageType::mpo || type == ImageType::png || type == ImageType::webp;
}

/// Keys under which labelling tools write who drew a label.
bool names_a_person(std::string_view key) {
  constexpr std::string_view keys[] = {"annotated_by", "annotator",  "author",     "completed_by", "created_by",
                                       "creator",      "email",      "labeled_by", "labeler",      "labelled_by",
                                       "reviewer",     "updated_by", "user",       "username",     "worker_id"};
  return std::binary_search(std::begin(keys), std::end(keys), key);
}

/// Things of the labels, the same ones counted together.
class LabelThings {
 public:
  void look_at(std::string_view table, std::string_view row) {
    if (row.find('@') != std::string_view::npos || row.find("/home/") != std::string_view::npos ||
        row.find("Users") != std::string_view::npos || row.find("Documents and Settings") != std::string_view::npos)
      for (PrivateText& found : private_texts(row))
        add(found.kind == PrivateText::Kind::address ? "address" : "user path", table, std::move(found.text));
    JsonCursor in(row);
    look_into(in, table, {});
  }

  std::vector<PrivateThing> take() {
    std::vector<PrivateThing> things;
    for (auto& [key, count] : counts_)
      things.push_back({.kind = std::get<0>(key),
                        .file = {},
                        .where = "labels, " + std::get<1>(key),
                        .value = std::get<2>(key),
                        .count = count});
    return things;
  }

 private:
  void add(std::string_view kind, std::string_view where, std::string value) {
    if (!value.empty()) ++counts_[{kind, std::string(where), printable(value.substr(0, 120))}];
  }

  /// Members whose key says that their value is somebody, however deep.
  void look_into(JsonCursor& in, std::string_view table, std::string_view key) {
    switch (in.type()) {
      case JsonType::object:
        for (in.enter_object(); in.next_member();) {
          const std::string member(in.key());
          look_into(in, table, member);
        }
        return;
      case JsonType::array:
        for (in.enter_array(); in.next_element();) look_into(in, table, key);
        return;
      case JsonType::string:
        if (names_a_person(key)) {
          add("person", std::string(table) + " `" + printable(key) + "`", std::string(in.read_string()));
          return;
        }
        break;
      default: break;
    }
    in.skip();  // a number, or text that is nobody's name
  }

  std::map<std::tuple<std::string_view, std::string, std::string>, std::uint64_t> counts_;
};

/// Settings and texts beside the labels: what the model does not hold of them.
void look_at_documents(const Source& source, std::vector<PrivateThing>& things) {
  constexpr std::string_view extensions[] = {"cfg", "ini", "log", "md", "toml", "yaml", "yml"};
  constexpr std::uint64_t largest = 4U << 20;
  for (const std::string_view path : source.tree->list()) {
    const std::string_view extension = extension_of(path);
    const bool plain = extension == "txt" && path.find('/') == std::string_view::npos;
    if (!plain && std::find(std::begin(extensions), std::end(extensions), extension) == std::end(extensions)) continue;
    const auto bytes = source.tree->read(path, {.size = largest});
    if (!bytes) continue;
    std::map<std::pair<std::string_view, std::string>, std::uint64_t> counts;
    for (PrivateText& found : private_texts(*bytes))
      ++counts[{found.kind == PrivateText::Kind::address ? "address" : "user path", std::move(found.text)}];
    for (const auto& [key, count] : counts)
      things.push_back({.kind = key.first,
                        .file = std::string(path),
                        .where = "text",
                        .value = printable(key.second),
                        .count = count});
  }
}

std::vector<PrivateThing> things_of_image(const Source& source, std::string_view path, std::string& trouble) {
  std::vector<PrivateThing> things;
  const auto bytes = source.media().read(path);
  if (!bytes) {
    trouble = to_string(bytes.error());
    return things;
  }
  const bool removable = can_be_stripped(probe_header(*bytes).type);
  for (PrivateTrace& trace : private_traces(*bytes))
    things.push_back({.kind = kind_name(trace.kind),
                      .file = std::string(path),
                      .where = std::move(trace.where),
                      .value = printable(trace.value),
                      .removable = removable});
  return things;
}

}  // namespace

Result<PrivacyReport> privacy(const Source& source, const PrivacyOptions& options) {
  PrivacyReport report;
  const Pool pool(options.common.threads);
  const std::vector<std::string_view> files = image_files(source);
  report.images = files.size();
  if (options.images) {
    std::vector<std::vector<PrivateThing>> found(files.size());
    std::vector<std::string> troubles(files.size());
    pool.for_each(files.size(), [&](std::size_t i) {
      if (!options.common.progress.stopped()) found[i] = things_of_image(source, files[i], troubles[i]);
    });
    if (options.common.progress.stopped()) return Error{Code::cancelled, "stopped while looking at images"};
    for (std::vector<PrivateThing>& things : found)
      std::move(things.begin(), things.end(), std::back_inserter(report.things));
    for (std::string& trouble : troubles) {
      if (trouble.empty()) ++report.looked_at;
      if (!trouble.empty()) report.not_looked_at.push_back(std::move(trouble));
    }
  } else {
    report.not_looked_at.emplace_back("the image files");
  }
  LabelThings labels;
  VETSET_DO(canonical_rows(source.dataset, pool,
                           [&](std::string_view table, std::string_view row) { labels.look_at(table, row); }));
  std::vector<PrivateThing> said = labels.take();
  std::move(said.begin(), said.end(), std::back_inserter(report.things));
  if (source.only.empty()) look_at_documents(source, report.things);
  report.not_looked_at.emplace_back("faces and number plates: that takes a model, and none was given");
  std::stable_sort(report.things.begin(), report.things.end(), [](const PrivateThing& a, const PrivateThing& b) {
    return std::tuple(rank(a.kind), std::string_view(a.file), std::string_view(a.where), std::string_view(a.value)) <
           std::tuple(rank(b.kind), std::string_view(b.file), std::string_view(b.where), std::string_view(b.value));
  });
  std::string_view last_file;
  for (const PrivateThing& thing : report.things) {
    if (report.kinds.empty() || report.kinds.back().kind != thing.kind) {
      report.kinds.push_back({.kind = thing.kind});
      last_file = {};
    }
    report.kinds.back().count += thing.count;
    report.kinds.back().files += !thing.file.empty() && thing.file != last_file;
    last_file = thing.file;
  }
  return report;
}

}  // namespace vetset
