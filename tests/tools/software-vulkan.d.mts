export function softwareVulkan(): { VK_DRIVER_FILES?: string; LD_LIBRARY_PATH?: string }
