// SPDX-License-Identifier: BSD-3-Clause
// Between numpy arrays and vectors: views on the way in, no copy on the way out.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace ncx::python {

/// An argument that numpy has made contiguous and of this type.
template <typename Value>
using Array = pybind11::array_t<Value, pybind11::array::c_style | pybind11::array::forcecast>;

using Shape = std::vector<pybind11::ssize_t>;

template <typename Value>
[[nodiscard]] std::span<const Value> view(const Array<Value>& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

template <typename Value>
[[nodiscard]] std::vector<Value> to_vector(const Array<Value>& array) {
  const auto values = view(array);
  return {values.begin(), values.end()};
}

/// A numpy array that owns the vector's memory. The shape's product is the vector's size.
template <typename Value>
[[nodiscard]] pybind11::array_t<Value> to_array(std::vector<Value> values, const Shape& shape) {
  auto owner = std::make_unique<std::vector<Value>>(std::move(values));
  const Value* data = owner->data();
  const pybind11::capsule keeper(
      owner.get(), [](void* vector) { delete static_cast<std::vector<Value>*>(vector); });
  static_cast<void>(owner.release());  // the capsule deletes it
  return pybind11::array_t<Value>(shape, data, keeper);
}

template <typename Value>
[[nodiscard]] pybind11::array_t<Value> to_array(std::vector<Value> values) {
  const Shape shape = {static_cast<pybind11::ssize_t>(values.size())};
  return to_array(std::move(values), shape);
}

}  // namespace ncx::python
