/** An object in the shape of a DTO class: the class describes an answer and is never made an instance of. */
export type Plain<T> = Pick<T, keyof T>;
