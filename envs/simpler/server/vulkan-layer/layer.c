/*
 * A Vulkan layer that lets SAPIEN 2.2.2 begin on Mesa's software driver. SAPIEN asks for VK_KHR_external_semaphore_fd, by which a graphics
 * card would hand pictures to CUDA; lavapipe has none, and there is no CUDA to hand them to. The layer says that the extension is there,
 * takes it out of what is asked of the driver, and gives out no descriptor. Build: cc -shared -fPIC -O2 -o liblayer.so layer.c
 */
#include <stdlib.h>
#include <string.h>
#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

#define NAME VK_KHR_EXTERNAL_SEMAPHORE_FD_EXTENSION_NAME
#define EXPORT __attribute__((visibility("default")))

/* One instance and one device: a process has one simulator. */
static PFN_vkGetInstanceProcAddr next_instance;
static PFN_vkGetDeviceProcAddr next_device;
static VkInstance instance;
/* Taken while the instance is being made: later the loader gives out the layer's own. */
static PFN_vkEnumerateDeviceExtensionProperties next_enumerate;
static PFN_vkCreateDevice next_create_device;

static VkResult create_instance(const VkInstanceCreateInfo *info, const VkAllocationCallbacks *allocator, VkInstance *out) {
  VkLayerInstanceCreateInfo *link = (VkLayerInstanceCreateInfo *)info->pNext;
  while (link && !(link->sType == VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO && link->function == VK_LAYER_LINK_INFO))
    link = (VkLayerInstanceCreateInfo *)link->pNext;
  if (!link) return VK_ERROR_INITIALIZATION_FAILED;
  next_instance = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  PFN_vkCreateInstance create = (PFN_vkCreateInstance)next_instance(NULL, "vkCreateInstance");
  VkResult result = create(info, allocator, out);
  if (result != VK_SUCCESS) return result;
  instance = *out;
  next_enumerate = (PFN_vkEnumerateDeviceExtensionProperties)next_instance(instance, "vkEnumerateDeviceExtensionProperties");
  next_create_device = (PFN_vkCreateDevice)next_instance(instance, "vkCreateDevice");
  return VK_SUCCESS;
}

static VkResult enumerate(VkPhysicalDevice device, const char *layer, uint32_t *count, VkExtensionProperties *out) {
  if (layer) return next_enumerate(device, layer, count, out);
  uint32_t there = 0;
  VkResult result = next_enumerate(device, NULL, &there, NULL);
  if (result != VK_SUCCESS) return result;
  if (!out) return *count = there + 1, VK_SUCCESS;
  if (*count < there + 1) return VK_INCOMPLETE;
  result = next_enumerate(device, NULL, &there, out);
  strcpy(out[there].extensionName, NAME);
  out[there].specVersion = 1;
  *count = there + 1;
  return result;
}

static VkResult create_device(VkPhysicalDevice physical, const VkDeviceCreateInfo *info, const VkAllocationCallbacks *allocator, VkDevice *out) {
  VkLayerDeviceCreateInfo *link = (VkLayerDeviceCreateInfo *)info->pNext;
  while (link && !(link->sType == VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO && link->function == VK_LAYER_LINK_INFO))
    link = (VkLayerDeviceCreateInfo *)link->pNext;
  if (!link) return VK_ERROR_INITIALIZATION_FAILED;
  next_device = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  const char **names = calloc(info->enabledExtensionCount + 1, sizeof *names);
  VkDeviceCreateInfo asked = *info;
  asked.enabledExtensionCount = 0;
  asked.ppEnabledExtensionNames = names;
  for (uint32_t at = 0; at < info->enabledExtensionCount; at++)
    if (strcmp(info->ppEnabledExtensionNames[at], NAME)) names[asked.enabledExtensionCount++] = info->ppEnabledExtensionNames[at];
  VkResult result = next_create_device(physical, &asked, allocator, out);
  free(names);
  return result;
}

static VkResult create_semaphore(VkDevice device, const VkSemaphoreCreateInfo *info, const VkAllocationCallbacks *allocator, VkSemaphore *out) {
  VkSemaphoreCreateInfo asked = *info;
  const VkBaseInStructure *more = info->pNext;
  if (more && more->sType == VK_STRUCTURE_TYPE_EXPORT_SEMAPHORE_CREATE_INFO) asked.pNext = more->pNext;
  return ((PFN_vkCreateSemaphore)next_device(device, "vkCreateSemaphore"))(device, &asked, allocator, out);
}

static VkResult semaphore_fd(VkDevice device, const VkSemaphoreGetFdInfoKHR *info, int *fd) {
  (void)device, (void)info;
  *fd = -1;
  return VK_SUCCESS;
}

EXPORT PFN_vkVoidFunction layer_device(VkDevice device, const char *name) {
  if (!strcmp(name, "vkGetDeviceProcAddr")) return (PFN_vkVoidFunction)layer_device;
  if (!strcmp(name, "vkCreateSemaphore")) return (PFN_vkVoidFunction)create_semaphore;
  if (!strcmp(name, "vkGetSemaphoreFdKHR")) return (PFN_vkVoidFunction)semaphore_fd;
  return next_device ? next_device(device, name) : NULL;
}

EXPORT PFN_vkVoidFunction layer_instance(VkInstance of, const char *name) {
  if (!strcmp(name, "vkGetInstanceProcAddr")) return (PFN_vkVoidFunction)layer_instance;
  if (!strcmp(name, "vkCreateInstance")) return (PFN_vkVoidFunction)create_instance;
  if (!strcmp(name, "vkEnumerateDeviceExtensionProperties")) return (PFN_vkVoidFunction)enumerate;
  if (!strcmp(name, "vkCreateDevice")) return (PFN_vkVoidFunction)create_device;
  if (!strcmp(name, "vkGetDeviceProcAddr")) return (PFN_vkVoidFunction)layer_device;
  if (!strcmp(name, "vkCreateSemaphore")) return (PFN_vkVoidFunction)create_semaphore;
  if (!strcmp(name, "vkGetSemaphoreFdKHR")) return (PFN_vkVoidFunction)semaphore_fd;
  return next_instance ? next_instance(of, name) : NULL;
}
