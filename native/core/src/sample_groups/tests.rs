use super::*;

#[test]
fn rows_come_together_in_their_order_without_those_that_are_missing() {
    let groups = [2, 0, 2, 1, 0, 2];
    let values = [1.0, 2.0, f64::NAN, 4.0, 5.0, 6.0];
    let (mut offsets, mut grouped) = ([9; 5], [0.0; 6]);
    assert_eq!(group_rows(&groups, Column::F64(&values), &mut offsets, &mut grouped).unwrap(), 5);
    assert_eq!(offsets, [0, 2, 3, 5, 5]);
    assert_eq!(grouped[..5], [2.0, 5.0, 4.0, 1.0, 6.0]);
    let narrow = values.map(|value| value as f32);
    let mut again = [0; 5];
    group_rows(&groups, Column::F32(&narrow), &mut again, &mut grouped).unwrap();
    assert_eq!(again, offsets);
}

#[test]
fn no_rows_make_empty_groups() {
    let mut offsets = [7; 3];
    assert_eq!(group_rows(&[], Column::F64(&[]), &mut offsets, &mut []).unwrap(), 0);
    assert_eq!(offsets, [0, 0, 0]);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let refused = |groups: &[u32], rows: usize, offsets: usize, room: usize| {
        let (values, mut offsets, mut grouped) = (vec![1.0; rows], vec![0; offsets], vec![0.0; room]);
        group_rows(groups, Column::F64(&values), &mut offsets, &mut grouped).unwrap_err().code
    };
    assert_eq!(refused(&[0, 1], 1, 3, 2), Code::BadRequest);
    assert_eq!(refused(&[0, 2], 2, 3, 2), Code::BadRequest);
    assert_eq!(refused(&[0, 1], 2, 0, 2), Code::BadRequest);
    assert_eq!(refused(&[0, 1], 2, 3, 1), Code::BadRequest);
}
