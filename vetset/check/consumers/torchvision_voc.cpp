// VOCDetection(root, image_set): lists in ImageSets/Main, images that end in .jpg, one XML file each. The folder that
// holds ImageSets stands for VOCdevkit/VOC2012, or for VOC2007 where there is a test list.
#include <map>
#include <set>

#include "vetset/base/xml.h"
#include "vetset/check/consumers/torchvision.h"
#include "vetset/image/probe.h"

namespace vetset::torchvision_parts {
namespace {

struct Sample {
  std::string root, name;
  std::uint64_t objects = 0;
  std::string fault = {}, file = {};
};

std::string_view stripped(std::string_view line) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  const auto begin = line.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
}

/// The lines of all lists that it can be asked for, each once; a blank line in the middle names no file and is kept.
void add_names(std::string_view text, const std::string& root, std::map<std::string, Sample>& samples) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string name(stripped(text.substr(0, end)));
    samples.emplace(root + "\n" + name, Sample{.root = root, .name = name});
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

void look_at(const Tree& tree, Sample& s) {
  const std::string labels = join_path(s.root, "Annotations/" + s.name + ".xml");
  const std::string image = join_path(s.root, "JPEGImages/" + s.name + ".jpg");
  if (tree.contains(labels)) {
    const auto bytes = tree.read(labels);
    const auto xml = bytes ? Xml::parse(*bytes) : Result<Xml>(bytes.error());
    if (!xml) {
      s.file = labels;
      s.fault = "is no XML: " + xml.error().message;
    } else {
      for (const XmlNode child : xml->root().elements()) s.objects += child.name() == "object";
    }
  } else {
    s.file = labels;
    s.fault = "is not here: FileNotFoundError";
  }
  std::string fault = tree.contains(image) ? image_fault(probe_image(tree, image)) : image_fault({});
  if (fault.empty()) return;
  s.file = image;
  s.fault = std::move(fault);
}

}  // namespace

Result<void> view_voc(const Tree& tree, const Pool& pool, const Progress& progress, ConsumerView& view) {
  std::map<std::string, Sample> samples;  // by root and name
  std::set<std::string> listed;
  for (const std::string_view path : tree.list()) {
    const std::string_view folder = folder_of(path);
    if (!folder.ends_with("ImageSets/Main")) continue;
    const std::string_view root = folder.substr(0, folder.size() - std::string_view("ImageSets/Main").size());
    if (!root.empty() && !root.ends_with('/')) continue;
    const std::string_view list = base_name(path);
    if (list != "train.txt" && list != "val.txt" && list != "trainval.txt" && list != "test.txt") continue;
    VETSET_TRY(const Bytes text, tree.read(path));
    const std::string place(root.substr(0, root.empty() ? 0 : root.size() - 1));
    listed.insert(place);
    add_names(text, place, samples);
  }
  if (listed.empty()) {
    view.refused = "there is no ImageSets/Main/train.txt, val.txt or trainval.txt, and it reads what they list";
    return {};
  }
  std::vector<Sample*> order;
  for (auto& [key, sample] : samples) order.push_back(&sample);
  pool.for_each(order.size(), [&](std::size_t n) {
    if (!progress.stopped()) look_at(tree, *order[n]);
  });
  for (const Sample* s : order) {
    ++view.images;
    view.objects += s->objects;
    if (s->fault.empty()) {
      ++view.images_read;
      view.objects_read += s->objects;
      if (s->objects == 0) ++view.backgrounds;
      continue;
    }
    view.effects.push_back(
        {.kind = Effect::Kind::image_dropped, .file = s->file, .objects = s->objects, .what = s->fault});
  }
  return {};
}

}  // namespace vetset::torchvision_parts
