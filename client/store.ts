/** Where a client keeps its orders. The file that survives the process is opened by `openStore` of store/. */
export { MemoryOrderStore } from '../store/memoryStore';
export type { Order, OrderStore } from '../store/orderStore';
